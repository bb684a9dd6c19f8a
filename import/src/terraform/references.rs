//! What the configuration says that a value comes from, where the value itself is known only after apply.

use std::cell::Cell;

use super::address::{parent, split, without_key, without_keys};
use super::index::Index;
use super::resources::{Resource, Resources, text};
use crate::tree::Members;
use crate::tree::Node;
use crate::tree::get;

/// Variables and outputs that are followed, one leading to another.
const HOPS_MAX: usize = 16;
/// References that are looked at for one value, whichever way they lead.
const REFERENCES_MAX: u32 = 4096;

/// What a value comes from.
#[derive(Debug)]
pub(super) struct Referent {
    /// The resources of Route 53 that it may be, by number; one, but for a reference to all instances at once.
    pub(super) resources: Vec<usize>,
    /// The reference with the module it stands in.
    pub(super) text: String,
}

/// `configuration` of a plan.
#[derive(Debug, Default)]
pub(super) struct Configuration<'c, 't> {
    /// Modules and resources.
    list: Vec<&'c Members<'t>>,
    /// By their addresses without keys; those of modules end in a dot, and the root's is empty.
    index: Index,
}

impl<'c, 't> Configuration<'c, 't> {
    pub(super) fn new(configuration: Option<&'c Node<'t>>) -> Self {
        let mut this = Self::default();
        if let Some(root) = object(configuration).and_then(|members| object(get(members, "root_module"))) {
            this.add(root, String::new());
        }
        this
    }

    fn add(&mut self, module: &'c Members<'t>, address: String) {
        if let Some(Node::Array(list)) = get(module, "resources") {
            for declared in list.iter().filter_map(|node| object(Some(node))) {
                if let Some(own) = text(declared, "address") {
                    self.note(&format!("{address}{own}"), declared);
                }
            }
        }
        for (name, call) in object(get(module, "module_calls")).into_iter().flatten() {
            if let Some(module) = object(Some(call)).and_then(|call| object(get(call, "module"))) {
                self.add(module, format!("{address}module.{name}."));
            }
        }
        self.note(&address, module);
    }

    fn note(&mut self, address: &str, members: &'c Members<'t>) {
        self.index.add(address, self.list.len());
        self.list.push(members);
    }

    fn at(&self, address: &str) -> Option<&'c Members<'t>> {
        self.list.get(self.index.get(address)?).copied()
    }

    /// Whether the configuration gives an attribute of a resource.
    pub(super) fn gives(&self, resource: &Resource<'_>, attribute: &str) -> bool {
        self.expression(resource, &[attribute]).is_some()
    }

    /// What an attribute of a resource comes from.
    pub(super) fn referents(&self, resources: &Resources<'_>, number: usize, path: &[&str]) -> Vec<Referent> {
        let mut out = Vec::new();
        if let Some(resource) = resources.get(number)
            && let Some(expression) = self.expression(resource, path)
        {
            let repeated = self.declaration(resource).and_then(|declared| get(declared, "for_each_expression"));
            let from = From {
                module: resource.module(),
                key: resource.key(),
                repeated,
                hops: HOPS_MAX,
                left: &Cell::new(REFERENCES_MAX),
            };
            self.follow(expression, from, resources, &mut out);
        }
        out
    }

    /// The resources that the call of a resource's module refers to, in whichever of its variables.
    pub(super) fn called_with(&self, resources: &Resources<'_>, number: usize) -> Vec<usize> {
        let mut out = Vec::new();
        let module = resources.get(number).map(Resource::module).unwrap_or_default();
        let Some((parent, call)) = parent(module) else { return Vec::new() };
        let call_of = self.module(parent).and_then(|module| self.call(module, call));
        let from = From {
            module: parent,
            key: call.get(without_key(call).len()..).unwrap_or_default(),
            repeated: call_of.and_then(|call| get(call, "for_each_expression")),
            hops: HOPS_MAX,
            left: &Cell::new(REFERENCES_MAX),
        };
        for (_, expression) in call_of.and_then(|call| object(get(call, "expressions"))).into_iter().flatten() {
            self.follow(expression, from, resources, &mut out);
        }
        out.into_iter().flat_map(|referent| referent.resources).collect()
    }

    fn declaration(&self, resource: &Resource<'_>) -> Option<&'c Members<'t>> {
        let address = format!("{}{}", without_keys(resource.module()), resource.base());
        self.at(&address)
    }

    /// An attribute's expression; a block's is in the first element.
    fn expression(&self, resource: &Resource<'_>, path: &[&str]) -> Option<&'c Node<'t>> {
        let mut node = get(self.declaration(resource)?, "expressions")?;
        for step in path {
            if let Node::Array(blocks) = node {
                node = blocks.first()?;
            }
            node = get(object(Some(node))?, step)?;
        }
        Some(node)
    }

    /// The module of an address that ends in a dot, such as `module.a["x"].module.b.`.
    fn module(&self, address: &str) -> Option<&'c Members<'t>> {
        self.at(&without_keys(address))
    }

    fn call(&self, module: &'c Members<'t>, name: &str) -> Option<&'c Members<'t>> {
        object(get(object(get(module, "module_calls"))?, without_key(name)))
    }

    /// Adds what an expression refers to, through variables to the caller's expressions and through outputs to the
    /// module's own.
    fn follow(
        &self,
        expression: &'c Node<'t>,
        from: From<'_, 'c, 't>,
        resources: &Resources<'_>,
        out: &mut Vec<Referent>,
    ) {
        let references = object(Some(expression)).and_then(|members| get(members, "references"));
        let (Some(Node::Array(references)), Some(hops)) = (references, from.hops.checked_sub(1)) else { return };
        let mut last = "";
        for reference in references {
            let Some(left) = from.left.get().checked_sub(1) else { return };
            from.left.set(left);
            let Node::Text(reference) = reference else { continue };
            // After `a.b[0].id` come the shorter `a.b[0]` and `a.b`.
            if last.strip_prefix(&**reference).is_some_and(|rest| rest.starts_with(['.', '['])) {
                continue;
            }
            last = reference;
            let Some((first, rest)) = split(reference) else { continue };
            match first {
                "each" if rest.starts_with("value") => {
                    if let Some(repeated) = from.repeated {
                        self.follow(repeated, From { repeated: None, hops, ..from }, resources, out);
                    }
                }
                "each" | "count" | "self" | "path" | "terraform" => {}
                "var" => {
                    let (name, _) = split(rest).unwrap_or((rest, ""));
                    self.follow_variable(name, From { hops, ..from }, resources, out);
                }
                "module" => {
                    let (call, output) = split(rest).unwrap_or((rest, ""));
                    self.follow_outputs(call, output, From { hops, ..from }, resources, out);
                }
                _ => out.push(refer(reference, from, resources)),
            }
        }
    }

    fn follow_variable(&self, name: &str, from: From<'_, 'c, 't>, resources: &Resources<'_>, out: &mut Vec<Referent>) {
        let Some((parent, call)) = parent(from.module) else {
            out.push(Referent { resources: Vec::new(), text: format!("var.{name}") });
            return;
        };
        let call_of = self.module(parent).and_then(|module| self.call(module, call));
        let expression = call_of.and_then(|call| get(object(get(call, "expressions"))?, name));
        if let Some(expression) = expression {
            let key = call.get(without_key(call).len()..).unwrap_or_default();
            let repeated = call_of.and_then(|call| get(call, "for_each_expression"));
            self.follow(expression, From { module: parent, key, repeated, ..from }, resources, out);
        }
    }

    /// Follows an output of a module; all of them where the reference to a module with a key leaves out which.
    fn follow_outputs(
        &self,
        call: &str,
        output: &str,
        from: From<'_, 'c, 't>,
        resources: &Resources<'_>,
        out: &mut Vec<Referent>,
    ) {
        let (output, _) = split(output).unwrap_or((output, ""));
        let is_it = |name: &str| output.is_empty() || without_key(output) == name;
        // A module without for_each has no key, whatever the key of the resource that asks.
        let keyed = format!("{call}{}", if without_key(call) == call { from.key } else { "" });
        for call in [keyed.as_str(), call] {
            let module = format!("{}module.{call}.", from.module);
            if !resources.has_module(&module) {
                continue;
            }
            let outputs = self.module(&module).and_then(|module| object(get(module, "outputs")));
            for (_, node) in outputs.into_iter().flatten().filter(|(name, _)| is_it(name)) {
                if let Some(expression) = object(Some(node)).and_then(|output| get(output, "expression")) {
                    self.follow(expression, From { module: &module, repeated: None, ..from }, resources, out);
                }
            }
            return;
        }
    }
}

/// Where an expression stands: its module, and the instance that asks.
#[derive(Debug, Clone, Copy)]
struct From<'a, 'c, 't> {
    module: &'a str,
    key: &'a str,
    /// What `each.value` comes from.
    repeated: Option<&'c Node<'t>>,
    hops: usize,
    left: &'a Cell<u32>,
}

/// What `aws_lb.app["eu"].dns_name` is. Where a key is worked out by the configuration, references leave it out; then the
/// instance of the same key as the one that asks is meant, else all of them.
fn refer(reference: &str, from: From<'_, '_, '_>, resources: &Resources<'_>) -> Referent {
    let parts = if reference.starts_with("data.") { 3 } else { 2 };
    let mut end = 0;
    for _ in 0..parts {
        let rest = reference.get(end..).unwrap_or_default();
        let dot = usize::from(rest.starts_with('.'));
        let part = rest.get(dot..).unwrap_or_default();
        let (part, _) = split(part).unwrap_or((part, ""));
        end = end.saturating_add(dot).saturating_add(part.len());
    }
    let (address, attribute) = reference.split_at_checked(end).unwrap_or((reference, ""));
    let address = format!("{}{address}", from.module);
    let of = |wanted: &str| resources.at(wanted).map(|at| Vec::from([at]));
    if without_key(&address).len() < address.len() {
        return Referent { resources: of(&address).unwrap_or_default(), text: format!("{address}{attribute}") };
    }
    let same_key = format!("{address}{}", from.key);
    let text = format!("{}{attribute}", if attribute.is_empty() { &same_key } else { &address });
    let found = of(&same_key).or_else(|| of(&address));
    Referent { resources: found.unwrap_or_else(|| resources.instances(&address).collect()), text }
}

fn object<'c, 't>(node: Option<&'c Node<'t>>) -> Option<&'c Members<'t>> {
    match node {
        Some(Node::Object(members)) => Some(members),
        _ => None,
    }
}
