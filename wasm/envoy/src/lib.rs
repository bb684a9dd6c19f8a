//! Pointsman as a proxy-wasm filter: the policy that answers DNS, asked by Envoy for each request.
//!
//! There are no rules here. `from_struct` and `config` read what Envoy was given, `facts` gathers what is known of a request, `policy`
//! asks [`pointsman_core`] and `steer` says the answer in the words that Envoy routes by; `choices` keeps the views that
//! retries need, `feed` is one worker's side of fetching health, `counters` counts until the next tick. Of these, none
//! calls the host: they are tested natively. `root`, `request`, `transport` and `host` do, and exist for WebAssembly alone.
//!
//! host-examples/envoy/README.md describes the configuration and shows it at work.

pub mod choices;
pub mod config;
pub mod counters;
pub mod draw;
pub mod facts;
pub mod feed;
pub mod from_struct;
pub mod load;
pub mod policy;
pub mod steer;
pub mod words;

#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
mod request;
#[cfg(target_arch = "wasm32")]
mod root;
#[cfg(target_arch = "wasm32")]
mod transport;

#[cfg(target_arch = "wasm32")]
mod start {
    use proxy_wasm::traits::RootContext;
    use proxy_wasm::types::LogLevel;

    use crate::root::Root;

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Info);
        proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(Root::default()) });
    }}
}
