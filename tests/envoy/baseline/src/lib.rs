//! What any filter costs, and what a filter that fails does: proxy-wasm filters of a few lines, chosen by the plugin's
//! configuration. `no-op` does nothing, `get-set` reads one header and sets one, `trap` fails on requests that ask for it.
//!
//! The crate is empty for any other target.

#[cfg(target_arch = "wasm32")]
mod filter {
    use proxy_wasm::hostcalls::{get_map_value_bytes, set_map_value};
    use proxy_wasm::traits::{Context, HttpContext, RootContext};
    use proxy_wasm::types::{Action, ContextType, LogLevel, MapType};

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Info);
        proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(Root(Kind::NoOp)) });
    }}

    #[derive(Clone, Copy)]
    enum Kind {
        NoOp,
        GetSet,
        Trap,
    }

    struct Root(Kind);

    impl Context for Root {}

    impl RootContext for Root {
        fn on_configure(&mut self, _size: usize) -> bool {
            self.0 = match self.get_plugin_configuration().as_deref() {
                Some(b"no-op") => Kind::NoOp,
                Some(b"get-set") => Kind::GetSet,
                Some(b"trap") => Kind::Trap,
                _ => return false,
            };
            true
        }

        fn get_type(&self) -> Option<ContextType> {
            Some(ContextType::HttpContext)
        }

        fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
            Some(Box::new(Filter(self.0)))
        }
    }

    struct Filter(Kind);

    impl Context for Filter {}

    impl HttpContext for Filter {
        fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
            match self.0 {
                Kind::NoOp => {}
                Kind::GetSet => {
                    let found = get_map_value_bytes(MapType::HttpRequestHeaders, "x-country").ok().flatten();
                    let value = if found.is_some() { "known" } else { "unknown" };
                    let _ = set_map_value(MapType::HttpRequestHeaders, "x-pointsman", Some(value));
                }
                Kind::Trap => {
                    if matches!(get_map_value_bytes(MapType::HttpRequestHeaders, "x-trap"), Ok(Some(_))) {
                        core::arch::wasm32::unreachable();
                    }
                }
            }
            Action::Continue
        }
    }
}
