//! From places in the AWS CLI's words to places in Terraform's document.

use super::fields::{HEALTH_CHECK, RECORD, ZONE, terraform_path};
use super::resources::{Origin, ResourcePlace};
use crate::read::{Origin as Found, Places};
use pointsman_core::diagnostic::{Path, Step};

/// Where what was read stands in Terraform's document.
#[derive(Debug)]
pub(super) struct TerraformPlaces {
    origin: Origin,
    /// Every resource that was read.
    resources: Vec<ResourcePlace>,
    /// The resource of each record set.
    pub(super) record_sets: Vec<usize>,
    /// The resource of the zone.
    pub(super) zone: Option<usize>,
    /// The resource of each health check.
    pub(super) health_checks: Vec<usize>,
    /// The resource of each CIDR collection, and the location and number of each of its blocks.
    pub(super) collections: Vec<(usize, Vec<(usize, usize)>)>,
}

impl TerraformPlaces {
    pub(super) fn new(origin: Origin, resources: Vec<ResourcePlace>) -> Self {
        Self {
            origin,
            resources,
            record_sets: Vec::new(),
            zone: None,
            health_checks: Vec::new(),
            collections: Vec::new(),
        }
    }

    /// The place in Terraform's document of what stands at `path` in the AWS CLI's words.
    fn path(&self, path: &Path) -> Option<Path> {
        let steps = path.0.as_slice();
        let [Step::Key(list), rest @ ..] = steps else { return None };
        let (list, index) = match rest {
            [Step::Index(index), ..] => (list.as_str(), Some(*index)),
            _ => (list.as_str(), None),
        };
        let fields = rest.get(1..).unwrap_or_default();
        match (list, index) {
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
        }
    }

    fn of(&self, resource: Option<&usize>) -> Option<Path> {
        self.resources.get(*resource?).map(ResourcePlace::path)
    }

    fn zone_path(&self) -> Option<Path> {
        self.of(self.zone.as_ref())
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

impl Places for TerraformPlaces {
    fn origin(&self, path: &Path) -> Option<Found> {
        self.path(path).map(Found::Path)
    }
}
