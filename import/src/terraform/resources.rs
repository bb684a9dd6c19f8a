//! The Route 53 resources of a plan or a state, with those of all child modules.

use std::borrow::Cow;

use super::address::parent;
use super::index::Index;
use crate::tree::{Members, Node, get};
use pointsman_core::diagnostic::Path;

/// Which part of the document a resource stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// `planned_values`: what will be there.
    Plan,
    /// `values`: what is there.
    State,
    /// `prior_state` of a plan: what is there before it.
    PriorState,
    /// `resources` of the file that Terraform keeps.
    StateFile,
}

impl Origin {
    /// Where the modules are.
    pub(super) fn path(self) -> Path {
        match self {
            Self::Plan => Path::root().key("planned_values"),
            Self::State => Path::root().key("values"),
            Self::PriorState => Path::root().key("prior_state").key("values"),
            Self::StateFile => Path::root().key("resources"),
        }
    }
}

/// Where a resource stands: its module by the numbers of `child_modules` on the way, and its number there. In the file that
/// Terraform keeps, the number of the resource and that of its instance.
#[derive(Debug, Clone)]
pub(super) struct ResourcePlace {
    origin: Origin,
    modules: Box<[u32]>,
    index: u32,
}

impl ResourcePlace {
    /// The path of its values.
    pub(super) fn path(&self) -> Path {
        if let (Origin::StateFile, [resource]) = (self.origin, &*self.modules) {
            let path = self.origin.path().index(*resource as usize);
            return path.key("instances").index(self.index as usize).key("attributes");
        }
        let module = self.modules.iter().fold(self.origin.path().key("root_module"), |path, index| {
            path.key("child_modules").index(*index as usize)
        });
        module.key("resources").index(self.index as usize).key("values")
    }
}

/// The resources that bear on answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Zone,
    Record,
    HealthCheck,
    CidrCollection,
    CidrLocation,
    /// A resource that makes record sets and is not read.
    NotRead,
    /// One that bears on other zones only.
    LeftOut,
}

impl Kind {
    fn of(type_name: &str, is_data: bool) -> Option<Self> {
        match type_name {
            "aws_route53_zone" => Some(Self::Zone),
            _ if is_data => None,
            "aws_route53_record" => Some(Self::Record),
            "aws_route53_health_check" => Some(Self::HealthCheck),
            "aws_route53_cidr_collection" => Some(Self::CidrCollection),
            "aws_route53_cidr_location" => Some(Self::CidrLocation),
            "aws_route53_records_exclusive" | "aws_route53_traffic_policy_instance" => Some(Self::NotRead),
            _ => None,
        }
    }
}

/// One instance of a resource.
#[derive(Debug)]
pub(super) struct Resource<'t> {
    pub(super) kind: Kind,
    /// `module.dns["eu"].aws_route53_record.www[0]`
    pub(super) address: Cow<'t, str>,
    /// Where `aws_route53_record.www` starts and ends in the address.
    base: (usize, usize),
    pub(super) place: ResourcePlace,
    pub(super) values: Members<'t>,
    /// The id; the address while only `apply` can tell.
    pub(super) id: Cow<'t, str>,
    /// Whether only `apply` can tell the id.
    pub(super) is_new: bool,
    /// The number of its zone, of zones and records.
    pub(super) zone: Option<usize>,
    /// The name in full, of records.
    pub(super) name: Option<Cow<'t, str>>,
}

impl<'t> Resource<'t> {
    fn read(node: Node<'t>, module: Option<&str>, place: ResourcePlace) -> Option<Self> {
        let Node::Object(mut members) = node else { return None };
        if text(&members, "deposed_key").is_some() {
            return None;
        }
        let is_data = text(&members, "mode") == Some("data");
        let (type_name, name) = (text(&members, "type")?, text(&members, "name")?);
        let kind = Kind::of(type_name, is_data)?;
        let data = if is_data { "data.".len() } else { 0 };
        let start = module.map_or(0, |module| module.len().saturating_add(1));
        let end =
            start.saturating_add(data).saturating_add(type_name.len()).saturating_add(name.len()).saturating_add(1);
        let address = take_text(&mut members, "address")?;
        let values = match take(&mut members, "values") {
            Some(Node::Object(values)) => values,
            _ => Vec::new(),
        };
        Some(Self::new(kind, address, (start, end), place, values))
    }

    fn new(kind: Kind, address: Cow<'t, str>, base: (usize, usize), place: ResourcePlace, values: Members<'t>) -> Self {
        let id = text(&values, "id").map(|id| Cow::Owned(id.into()));
        let (is_new, id) = (id.is_none(), id.unwrap_or_else(|| address.clone()));
        Self { kind, address, base, place, values, id, is_new, zone: None, name: None }
    }

    pub(super) fn is_data(&self) -> bool {
        self.base().starts_with("data.")
    }

    /// The address of its module with a dot at its end; empty at the root.
    pub(super) fn module(&self) -> &str {
        self.address.get(..self.base.0).unwrap_or_default()
    }

    /// Its address in its module, without the instance's key.
    pub(super) fn base(&self) -> &str {
        self.address.get(self.base.0..self.base.1).unwrap_or_default()
    }

    /// Its address without the instance's key.
    fn without_key(&self) -> &str {
        self.address.get(..self.base.1).unwrap_or_default()
    }

    /// The instance's key, such as `["eu"]` or `[0]`; empty without `for_each` and `count`.
    pub(super) fn key(&self) -> &str {
        self.address.get(self.base.1..).unwrap_or_default()
    }
}

/// All resources, found by their addresses.
#[derive(Debug)]
pub(super) struct Resources<'t> {
    pub(super) list: Vec<Resource<'t>>,
    /// By addresses of instances, of resources without a key, and of modules with a dot at their end.
    index: Index,
}

impl<'t> Resources<'t> {
    pub(super) fn new(list: Vec<Resource<'t>>) -> Self {
        let mut index = Index::default();
        for (number, resource) in list.iter().enumerate() {
            index.add(&resource.address, number);
            index.add(resource.without_key(), number);
            let mut module = Some(resource.module());
            while let Some(address) = module.filter(|address| index.get(address).is_none()) {
                index.add(address, number);
                module = parent(address).map(|(parent, _)| parent);
            }
        }
        Self { list, index }
    }

    pub(super) fn get(&self, number: usize) -> Option<&Resource<'t>> {
        self.list.get(number)
    }

    pub(super) fn at(&self, address: &str) -> Option<usize> {
        self.index.get(address).filter(|at| self.get(*at).is_some_and(|resource| resource.address == address))
    }

    /// The instances of a resource, given without a key. They stand one after another.
    pub(super) fn instances(&self, address: &str) -> impl Iterator<Item = usize> {
        let all = self.index.get(address).map(|first| (first..).zip(self.list.get(first..).unwrap_or_default()));
        let is_instance = move |(_, resource): &(usize, &Resource<'_>)| resource.without_key() == address;
        all.into_iter().flatten().take_while(is_instance).map(|(at, _)| at)
    }

    pub(super) fn has_module(&self, address: &str) -> bool {
        self.index.get(address).is_some()
    }
}

/// Reads `planned_values`, or `values` of a state.
pub(super) fn resources(values: Node<'_>, origin: Origin) -> Vec<Resource<'_>> {
    let mut out = Vec::new();
    if let Node::Object(mut values) = values
        && let Some(root) = take(&mut values, "root_module")
    {
        walk(root, origin, &mut Vec::new(), &mut out);
    }
    out
}

fn walk<'t>(module: Node<'t>, origin: Origin, modules: &mut Vec<u32>, out: &mut Vec<Resource<'t>>) {
    let Node::Object(mut members) = module else { return };
    let address = take_text(&mut members, "address");
    for (index, node) in elements(&mut members, "resources") {
        let place = ResourcePlace { origin, modules: modules.as_slice().into(), index };
        out.extend(Resource::read(node, address.as_deref(), place));
    }
    for (index, child) in elements(&mut members, "child_modules") {
        modules.push(index);
        walk(child, origin, modules, out);
        modules.pop();
    }
}

fn elements<'t>(members: &mut Members<'t>, key: &str) -> impl Iterator<Item = (u32, Node<'t>)> + use<'t> {
    let elements = match take(members, key) {
        Some(Node::Array(elements)) => elements,
        _ => Vec::new(),
    };
    (0_u32..).zip(elements)
}

/// Reads `resources` of the file that Terraform keeps (version 4): each with its instances.
pub(super) fn resources_of_state_file(list: Node<'_>) -> Vec<Resource<'_>> {
    let mut out = Vec::new();
    let Node::Array(list) = list else { return out };
    for (number, node) in (0_u32..).zip(list) {
        let Node::Object(mut members) = node else { continue };
        let instances: Vec<_> = elements(&mut members, "instances").collect();
        let word = |key| text(&members, key).unwrap_or_default();
        let data = if word("mode") == "data" { "data." } else { "" };
        let module = text(&members, "module").map(|module| format!("{module}.")).unwrap_or_default();
        let (type_name, name) = (word("type"), word("name"));
        let Some(kind) = Kind::of(type_name, !data.is_empty()) else { continue };
        let base = format!("{data}{type_name}.{name}");
        for (index, instance) in instances {
            let Node::Object(mut instance) = instance else { continue };
            if text(&instance, "deposed").is_some() {
                continue;
            }
            let key = match get(&instance, "index_key") {
                Some(Node::Integer(key)) => format!("[{key}]"),
                Some(Node::Text(key)) => format!("[{}]", Node::Text(key.clone()).json()),
                _ => String::new(),
            };
            let address = format!("{module}{base}{key}");
            let place = ResourcePlace { origin: Origin::StateFile, modules: [number].into(), index };
            let Some(Node::Object(values)) = take(&mut instance, "attributes") else { continue };
            let ends = (module.len(), module.len().saturating_add(base.len()));
            out.push(Resource::new(kind, address.into(), ends, place, values));
        }
    }
    out
}

/// A member that is a text and not an empty one, which Terraform takes for none.
pub(super) fn text<'a>(members: &'a Members<'_>, key: &str) -> Option<&'a str> {
    match get(members, key)? {
        Node::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn take<'t>(members: &mut Members<'t>, key: &str) -> Option<Node<'t>> {
    let at = members.iter().position(|(known, _)| known == key)?;
    Some(members.swap_remove(at).1)
}

fn take_text<'t>(members: &mut Members<'t>, key: &str) -> Option<Cow<'t, str>> {
    match take(members, key)? {
        Node::Text(text) => Some(text),
        _ => None,
    }
}
