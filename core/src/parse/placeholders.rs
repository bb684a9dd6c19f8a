//! Values that are not known yet, such as those of a plan that has not been applied.

use alloc::string::String;
use alloc::vec::Vec;

use crate::diagnostic::{Diagnostic, Path, Step};
use crate::map::Map;

/// The values of a document that stand for others that nobody knows yet.
///
/// Whoever turns another format into the AWS CLI's JSON writes something in the place of such a value and adds its path
/// here. The value takes part in answers as it is written; [`crate::validate`] finds no fault with it.
///
/// ```
/// use pointsman_core::diagnostic::Path;
/// use pointsman_core::{parse::parse, validate::{Options, validate}};
/// let mut document = parse(0, r#"{"HostedZone": {"Name": "example.com."}, "ResourceRecordSets": [{"Name": "example.com.",
///     "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "the address of a server to come"}]}]}"#);
/// assert_eq!(validate(&[document.clone()], &Options::default()).diagnostics[0].code, "value-not-ipv4-address");
/// document.placeholders.add(&Path::root().key("ResourceRecordSets").index(0).key("ResourceRecords"));
/// assert!(validate(&[document], &Options::default()).zone.is_some());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    /// In the order they were added.
    list: Vec<Path>,
    /// Numbers in the list, by the element of the document's array that they stand in.
    elements: Map<String, Vec<u32>>,
    any_health_check: bool,
}

impl Placeholders {
    /// Adds a value by its path, such as `$.ResourceRecordSets[3].AliasTarget.DNSName`; all that lies in it is meant too.
    pub fn add(&mut self, path: &Path) {
        let (element, number) = (element(path), self.list.len() as u32);
        match self.elements.get_mut(&element) {
            Some(numbers) => numbers.push(number),
            None => {
                self.elements.insert(element, Vec::from([number]));
            }
        }
        self.list.push(path.clone());
    }

    /// Says that a HealthCheckId among them may turn out to be that of any health check, so that none counts as unused.
    pub fn may_name_any_health_check(&mut self) {
        self.any_health_check = true;
    }

    /// Whether a finding of validation is about such a value, and so about nothing that anybody wrote.
    pub(crate) fn account_for(&self, finding: &Diagnostic, document: usize) -> bool {
        let Some(place) = finding.place.as_ref().filter(|place| place.document == document) else { return false };
        if self.any_health_check && finding.code == "unused-health-check" {
            return true;
        }
        let holds = |path: &Path| place.path.0.starts_with(&path.0);
        let numbers = self.elements.get(&element(&place.path)).into_iter().flatten();
        numbers.filter_map(|number| self.list.get(*number as usize)).any(holds)
    }
}

/// The first two steps, such as `$.ResourceRecordSets[3]`.
fn element(path: &Path) -> String {
    let steps: Vec<Step> = path.0.iter().take(2).cloned().collect();
    alloc::format!("{}", Path(steps))
}
