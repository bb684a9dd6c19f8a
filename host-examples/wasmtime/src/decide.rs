//! The component that only decides: zones from images, in a store of their own.

use std::path::Path;

use wasmtime::component::{Linker, ResourceAny};
use wasmtime::{Engine, Result, Store};

use crate::bindings::decide::Decide as World;
use crate::bindings::decide::exports::pointsman::routing::decisions::{Answer, Query, QueryError, Statuses, Update};

/// The component, compiled once; [`Decide::start`] makes as many instances of it as a host likes, one a request even.
pub struct Decide {
    engine: Engine,
    component: wasmtime::component::Component,
}

/// An instance: zones from images, and their views.
pub struct Decider {
    store: Store<()>,
    world: World,
}

/// A zone inside its instance.
#[derive(Debug, Clone, Copy)]
pub struct OpenedZone(ResourceAny);

/// A zone under one state of its health checks, inside its instance.
#[derive(Debug, Clone, Copy)]
pub struct OpenedView(ResourceAny);

impl Decide {
    /// Compiles the component in a file, `pointsman_decide.component.wasm`.
    ///
    /// # Errors
    /// The file cannot be read, or is no component.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let engine = Engine::default();
        let component = wasmtime::component::Component::from_file(&engine, path)?;
        Ok(Self { engine, component })
    }

    /// A fresh instance.
    ///
    /// # Errors
    /// The component has another world, or there is no memory.
    pub fn start(&self) -> Result<Decider> {
        let mut store = Store::new(&self.engine, ());
        let world = World::instantiate(&mut store, &self.component, &Linker::new(&self.engine))?;
        Ok(Decider { store, world })
    }
}

impl Decider {
    /// Opens an image; or the code of what is wrong with it, such as `image-damaged`.
    ///
    /// # Errors
    /// The instance trapped, and must not be used any more.
    pub fn open(&mut self, image: &[u8]) -> Result<std::result::Result<OpenedZone, String>> {
        let zone = self.world.pointsman_routing_decisions().zone();
        Ok(zone.call_open(&mut self.store, image)?.map(OpenedZone))
    }

    /// The zone's name, with its final dot.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn name(&mut self, zone: OpenedZone) -> Result<String> {
        self.world.pointsman_routing_decisions().zone().call_name(&mut self.store, zone.0)
    }

    /// The zone while no check has data.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn health(&mut self, zone: OpenedZone) -> Result<OpenedView> {
        Ok(OpenedView(self.world.pointsman_routing_decisions().zone().call_health(&mut self.store, zone.0)?))
    }

    /// The view after some statuses, and the names among them that the zone does not have.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn updated(&mut self, view: OpenedView, changes: &Statuses) -> Result<(OpenedView, Vec<String>)> {
        let methods = self.world.pointsman_routing_decisions().view();
        let Update { view, unknown } = methods.call_updated(&mut self.store, view.0, changes)?;
        Ok((OpenedView(view), unknown))
    }

    /// The view in which these checks, alias targets, Regions or record sets are down; or the first name of nothing.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn down(&mut self, view: OpenedView, what: &[String]) -> Result<std::result::Result<OpenedView, String>> {
        let methods = self.world.pointsman_routing_decisions().view();
        Ok(methods.call_down(&mut self.store, view.0, what)?.map(OpenedView))
    }

    /// The view in which these record sets count as unhealthy; or the first name of nothing.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn without(&mut self, view: OpenedView, sets: &[String]) -> Result<std::result::Result<OpenedView, String>> {
        let methods = self.world.pointsman_routing_decisions().view();
        Ok(methods.call_without(&mut self.store, view.0, sets)?.map(OpenedView))
    }

    /// The answer to a query, or what is wrong with it.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn resolve(&mut self, view: OpenedView, query: &Query) -> Result<std::result::Result<Answer, QueryError>> {
        self.world.pointsman_routing_decisions().view().call_resolve(&mut self.store, view.0, query)
    }

    /// The answers to many queries, in their order.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn resolve_many(
        &mut self,
        view: OpenedView,
        queries: &[Query],
    ) -> Result<Vec<std::result::Result<Answer, QueryError>>> {
        self.world.pointsman_routing_decisions().view().call_resolve_many(&mut self.store, view.0, queries)
    }

    /// Frees a view.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn drop_view(&mut self, view: OpenedView) -> Result<()> {
        view.0.resource_drop(&mut self.store)
    }

    /// Frees a zone; views of it stay.
    ///
    /// # Errors
    /// As of [`Decider::open`].
    pub fn drop_zone(&mut self, zone: OpenedZone) -> Result<()> {
        zone.0.resource_drop(&mut self.store)
    }
}
