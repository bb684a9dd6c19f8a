//! From places in the AWS CLI's words to places in Terraform's document.

use alloc::vec::Vec;

use super::fields::{HEALTH_CHECK, RECORD, ZONE, terraform_path};
use super::resources::{Origin, ResourcePlace};
use super::stand_in::{CODE, StandIns};
use super::zones::Zones;
use crate::diagnostic::{Diagnostic, Path, Step};

/// Where what was read stands in Terraform's document, and what stands in for values that only `apply` can tell.
#[derive(Debug, Clone)]
pub struct TerraformPlaces {
    origin: Origin,
    /// Every resource that was read.
    resources: Vec<ResourcePlace>,
    /// The resource of each record set.
    pub(super) record_sets: Vec<usize>,
    /// The zone of each record set.
    pub(super) record_zones: Vec<usize>,
    /// The resource of each health check.
    pub(super) health_checks: Vec<usize>,
    /// The resource of each CIDR collection, and the location and number of each of its blocks.
    pub(super) collections: Vec<(usize, Vec<(usize, usize)>)>,
    pub(super) stand_ins: StandIns,
    pub(super) zones: Zones,
}

impl TerraformPlaces {
    pub(super) fn new(origin: Origin, resources: Vec<ResourcePlace>) -> Self {
        Self {
            origin,
            resources,
            record_sets: Vec::new(),
            record_zones: Vec::new(),
            health_checks: Vec::new(),
            collections: Vec::new(),
            stand_ins: StandIns::default(),
            zones: Zones::default(),
        }
    }

    /// Whether a finding is about a value of this document that stands in for another.
    pub(crate) fn excuses(&self, finding: &Diagnostic, document: usize) -> bool {
        let Some(place) = finding.place.as_ref().filter(|place| place.document == document) else { return false };
        finding.code != CODE && self.stand_ins.hold(&place.path)
    }

    /// Sets right the places of this document's findings, and takes back what is said of checks that no record set names
    /// where it is not known which one some record set will name.
    pub(crate) fn set_right(&self, findings: &mut Vec<Diagnostic>, document: usize) {
        let is_here = |finding: &Diagnostic| finding.place.as_ref().is_some_and(|place| place.document == document);
        if self.stand_ins.any_check {
            findings.retain(|finding| finding.code != "unused-health-check" || !is_here(finding));
        }
        let places = findings.iter_mut().filter_map(|finding| finding.place.as_mut());
        for place in places.filter(|place| place.document == document) {
            place.path = self.path(&place.path);
        }
    }

    /// The place in Terraform's document of what stands at `path` in the AWS CLI's words.
    fn path(&self, path: &Path) -> Path {
        let steps = path.0.as_slice();
        let [Step::Key(list), rest @ ..] = steps else { return path.clone() };
        let (list, index) = match rest {
            [Step::Index(index), ..] => (list.as_str(), Some(*index)),
            _ => (list.as_str(), None),
        };
        let fields = rest.get(1..).unwrap_or_default();
        let found = match (list, index) {
            ("HostedZone", _) => self.zone_path().map(|zone| terraform_path(zone, rest, ZONE)),
            ("ResourceRecordSets", Some(index)) => {
                self.of(self.record_sets.get(index)).map(|path| terraform_path(path, fields, RECORD))
            }
            ("HealthChecks", Some(index)) => {
                self.of(self.health_checks.get(index)).map(|path| match fields.split_first() {
                    Some((Step::Key(key), _)) if key == "Id" => path.key("id"),
                    Some((_, config)) => terraform_path(path, config, HEALTH_CHECK),
                    None => path,
                })
            }
            ("CidrCollections", Some(index)) => self.collection(index, fields),
            ("ResourceRecordSets" | "HealthChecks" | "CidrCollections", None) => Some(self.origin.path()),
            _ => None,
        };
        found.unwrap_or_else(|| path.clone())
    }

    fn of(&self, resource: Option<&usize>) -> Option<Path> {
        self.resources.get(*resource?).map(ResourcePlace::path)
    }

    fn zone_path(&self) -> Option<Path> {
        self.of(self.zones.only()?.resource.as_ref())
    }

    /// `[i].CidrBlocks[j].CidrBlock` is an element of a location's `cidr_blocks`.
    fn collection(&self, index: usize, fields: &[Step]) -> Option<Path> {
        let (resource, blocks) = self.collections.get(index)?;
        let collection = self.of(Some(resource))?;
        let [Step::Key(_), Step::Index(block), field @ ..] = fields else { return Some(collection) };
        let (location, number) = blocks.get(*block)?;
        let location = self.of(Some(location))?;
        Some(match field {
            [Step::Key(key)] if key == "LocationName" => location.key("name"),
            _ => location.key("cidr_blocks").index(*number),
        })
    }
}
