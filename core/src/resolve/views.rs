//! Several zones in one host: the longest suffix of the name wins.

use alloc::vec::Vec;

use crate::map::Map;

use crate::health::HealthView;
use crate::model::{Name, NameRef};

/// Views of several zones, found by name. A host swaps a view by putting the new one in.
///
/// ```
/// # use std::sync::Arc;
/// # use pointsman_core::{compile::compile, health::HealthView, model::Name, parse::{HealthReport, parse}, resolve::Views, validate::{Options, validate}};
/// # let view = |name: &str| {
/// #     let text = format!(r#"{{"HostedZone": {{"Id": "Z1", "Name": "{name}"}}, "ResourceRecordSets": []}}"#);
/// #     let zone = compile(&validate(&[parse(0, &text)], &Options::default()).zone.unwrap());
/// #     HealthView::new(Arc::new(zone), &HealthReport::default()).0
/// # };
/// let mut views = Views::default();
/// views.put(view("example.com"));
/// views.put(view("eu.example.com"));
/// let asked = Name::parse("www.eu.example.com")?;
/// assert_eq!(views.find(asked.as_ref()).unwrap().zone().name().to_string(), "eu.example.com.");
/// assert!(views.find(Name::parse("example.org")?.as_ref()).is_none()); // answer REFUSED (10.46)
/// # Ok::<(), pointsman_core::model::NameError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Views {
    list: Vec<HealthView>,
    by_name: Map<Name, usize>,
}

impl Views {
    /// Puts a view in; returns the view of the same zone name that it replaces.
    pub fn put(&mut self, view: HealthView) -> Option<HealthView> {
        let name = view.zone().name().to_name();
        match self.by_name.get(&name).and_then(|at| self.list.get_mut(*at)) {
            Some(old) => Some(core::mem::replace(old, view)),
            None => {
                self.by_name.insert(name, self.list.len());
                self.list.push(view);
                None
            }
        }
    }

    /// The view whose zone holds a name: of several, the one with the longest zone name.
    #[must_use]
    pub fn find(&self, name: NameRef<'_>) -> Option<&HealthView> {
        let mut at = name;
        loop {
            if let Some(index) = self.by_name.get(at.wire()) {
                return self.list.get(*index);
            }
            at = at.parent()?;
        }
    }

    /// The views, in the order their zones were first put in.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &HealthView> {
        self.list.iter()
    }
}
