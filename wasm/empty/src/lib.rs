//! The WIT world of the component with nothing behind it.
//!
//! `resolve` takes the query in and hands out one and the same answer, so that its time is what the boundary costs: the
//! arguments copied in, the answer copied out, its memory taken and given back. `cargo xtask calls` takes that from the
//! component's time. It is a measure and no carrier: it is never shipped, and everything else in it answers nothing.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod world {
    #![allow(
        missing_docs,
        unreachable_pub,
        unused_qualifications,
        clippy::all,
        reason = "generated from ../../wit/pointsman.wit, which documents every item"
    )]

    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    wit_bindgen::generate!({ path: "../wit", world: "pointsman" });

    export!(Empty);

    use exports::pointsman::routing::routing as wit;

    #[global_allocator]
    static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }

    struct Empty;

    const NOTHING: wit::Rcode = wit::Rcode::Refused;

    fn refused<T>() -> Result<T, wit::QueryError> {
        Err(wit::QueryError { field: String::new(), message: String::new() })
    }

    fn no_view<T>() -> Result<T, wit::SelectionError> {
        Err(wit::SelectionError { message: String::new(), help: String::new() })
    }

    impl wit::Guest for Empty {
        type Zone = Empty;
        type View = Empty;

        fn check(_: Vec<wit::Document>, _: wit::LoadOptions) -> Vec<wit::Diagnostic> {
            Vec::new()
        }

        fn apply(_: Vec<wit::Document>, _: wit::Document, _: wit::LoadOptions) -> Result<String, Vec<wit::Diagnostic>> {
            Err(Vec::new())
        }
    }

    impl wit::GuestZone for Empty {
        fn load(_: Vec<wit::Document>, _: wit::LoadOptions) -> Result<wit::Zone, Vec<wit::Diagnostic>> {
            Ok(wit::Zone::new(Empty))
        }

        fn name(&self) -> String {
            String::new()
        }

        fn findings(&self) -> Vec<wit::Diagnostic> {
            Vec::new()
        }

        fn health(&self, _: Option<wit::Document>) -> Result<wit::View, Vec<wit::Diagnostic>> {
            Ok(wit::View::new(Empty))
        }
    }

    impl wit::GuestView for Empty {
        fn findings(&self) -> Vec<wit::Diagnostic> {
            Vec::new()
        }

        /// The answer to a three-level tree: one value, three identifiers.
        fn resolve(&self, _: wit::Query) -> Result<wit::Answer, wit::QueryError> {
            Ok(wit::Answer {
                rcode: wit::Rcode::Noerror,
                type_: "A".into(),
                ttl: Some(60),
                values: vec!["192.0.2.1".into()],
                set_identifiers: vec!["use1".into(), "blue".into(), "PRIMARY".into()],
                fail_open: false,
                scope_prefix_length: 0,
                referral: None,
                alias_target: None,
                undetermined: None,
            })
        }

        fn resolve_many(&self, queries: Vec<wit::Query>) -> Vec<Result<wit::Answer, wit::QueryError>> {
            queries.into_iter().map(|query| self.resolve(query)).collect()
        }

        fn odds(&self, _: wit::Query) -> Result<wit::Odds, wit::QueryError> {
            Ok(wit::Odds { rcode: NOTHING, outcomes: Vec::new(), exact: true, undetermined: None })
        }

        fn explain(&self, _: wit::Query) -> Result<wit::Explanation, wit::QueryError> {
            refused()
        }

        fn resolve_json(&self, _: String) -> String {
            String::new()
        }

        fn odds_json(&self, _: String) -> String {
            String::new()
        }

        fn updated(&self, _: wit::Document) -> Result<wit::View, Vec<wit::Diagnostic>> {
            Err(Vec::new())
        }

        fn down(&self, _: Vec<String>) -> Result<wit::View, wit::SelectionError> {
            no_view()
        }

        fn without(&self, _: Vec<String>) -> Result<wit::View, wit::SelectionError> {
            no_view()
        }

        fn without_data(&self) -> Vec<String> {
            Vec::new()
        }
    }
}
