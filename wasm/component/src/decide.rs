//! The world `decide`: zones from images, health as statuses, answers.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;

use pointsman_core::compile;
use pointsman_core::health::HealthView;
use pointsman_core::parse::{AliasStatus, RawStatus};
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;

use crate::bindings::{Component, wit};
use crate::convert;

/// An opened zone.
pub(crate) struct Zone(Arc<compile::Zone>);

/// A view, with the room that its queries use in turn.
pub(crate) struct View {
    view: HealthView,
    room: RefCell<(Query, Scratch)>,
}

impl wit::Guest for Component {
    type Zone = Zone;
    type View = View;
}

impl wit::GuestZone for Zone {
    fn open(image: Vec<u8>) -> Result<wit::Zone, wit::ImageError> {
        match compile::Zone::from_image(&image) {
            Ok(zone) => Ok(wit::Zone::new(Self(Arc::new(zone)))),
            Err(error) => Err(error.code().into()),
        }
    }

    fn name(&self) -> String {
        self.0.name().to_string()
    }

    fn health(&self) -> wit::View {
        View::resource(HealthView::unreported(Arc::clone(&self.0)))
    }
}

impl wit::GuestView for View {
    fn resolve(&self, query: wit::Query) -> Result<wit::Answer, wit::QueryError> {
        let (asked, scratch) = &mut *self.room.borrow_mut();
        convert::query(&query, asked)?;
        Ok(convert::answer(&self.view.resolve(asked, scratch)))
    }

    fn resolve_many(&self, queries: Vec<wit::Query>) -> Vec<Result<wit::Answer, wit::QueryError>> {
        queries.into_iter().map(|query| self.resolve(query)).collect()
    }

    fn updated(&self, changes: wit::Statuses) -> wit::Update {
        let checks: Vec<_> = changes.checks.iter().map(|check| (&*check.id, raw_status(check.status))).collect();
        let alias_targets: Vec<_> = changes.alias_targets.iter().map(alias_status).collect();
        let (view, unknown) = self.view.updated_by_name(&checks, &alias_targets);
        wit::Update { view: Self::resource(view), unknown: unknown.into_iter().map(String::from).collect() }
    }

    fn down(&self, what: Vec<String>) -> Result<wit::View, wit::NotFound> {
        self.next(what, HealthView::without_named)
    }

    fn without(&self, record_sets: Vec<String>) -> Result<wit::View, wit::NotFound> {
        self.next(record_sets, HealthView::without_record_set)
    }
}

impl View {
    fn resource(view: HealthView) -> wit::View {
        let room = RefCell::new((Query::room(), Scratch::new(view.zone())));
        wit::View::new(Self { view, room })
    }

    /// A view made of this one by a list of names; the error is the first that names nothing.
    fn next(
        &self,
        names: Vec<String>,
        make: fn(&HealthView, &str) -> Option<HealthView>,
    ) -> Result<wit::View, wit::NotFound> {
        let mut next = self.view.clone();
        for name in names {
            let Some(made) = make(&next, &name) else { return Err(name) };
            next = made;
        }
        Ok(Self::resource(next))
    }
}

fn raw_status(status: wit::CheckStatus) -> RawStatus {
    match status {
        wit::CheckStatus::NoData => RawStatus::NoData,
        wit::CheckStatus::Healthy => RawStatus::Healthy,
        wit::CheckStatus::Unhealthy => RawStatus::Unhealthy,
        wit::CheckStatus::InsufficientDataAfterHealthy => RawStatus::Insufficient { last_known_unhealthy: false },
        wit::CheckStatus::InsufficientDataAfterUnhealthy => RawStatus::Insufficient { last_known_unhealthy: true },
    }
}

fn alias_status(target: &wit::AliasTarget) -> (&str, AliasStatus) {
    (&target.name, if target.healthy { AliasStatus::Healthy } else { AliasStatus::Unhealthy })
}
