//! The texts that are given.

use alloc::string::String;
use alloc::vec::Vec;

use crate::parse::{Document, parse};

/// A JSON text, as the AWS CLI prints it, under the name that findings give it.
///
/// ```
/// use pointsman_core::Source;
/// let text = r#"{"CidrBlocks": []}"#;
/// let unnamed = Source::from(text);
/// let named = Source::named("blocks.json", text).of_cidr_collection("c8c02a84-aaaa-bbbb-e0d2-d833a2f80106");
/// # let _ = (unnamed, named);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Source<'t> {
    pub(super) name: Option<&'t str>,
    pub(super) text: &'t str,
    cidr_collection: Option<&'t str>,
}

impl<'t> Source<'t> {
    /// A text with a name, such as its file's.
    #[must_use]
    pub const fn named(name: &'t str, text: &'t str) -> Self {
        Self { name: Some(name), text, cidr_collection: None }
    }

    /// The same text as what `list-cidr-blocks` printed for a collection, whose id does not stand in it.
    #[must_use]
    pub const fn of_cidr_collection(mut self, id: &'t str) -> Self {
        self.cidr_collection = Some(id);
        self
    }

    /// The document in the text, as the `number`th of its zone.
    pub(super) fn parse(&self, number: usize) -> Document<'t> {
        let mut document = parse(number, self.text);
        document.cidr_collection_id = self.cidr_collection.map(Into::into);
        document
    }
}

impl<'t> From<&'t str> for Source<'t> {
    fn from(text: &'t str) -> Self {
        Self { name: None, text, cidr_collection: None }
    }
}

impl<'t> From<&'t String> for Source<'t> {
    fn from(text: &'t String) -> Self {
        text.as_str().into()
    }
}

/// All the sources, and the documents in them.
pub(super) fn parse_all<'t, S: Into<Source<'t>>>(
    sources: impl IntoIterator<Item = S>,
) -> (Vec<Source<'t>>, Vec<Document<'t>>) {
    let sources: Vec<Source<'t>> = sources.into_iter().map(Into::into).collect();
    let documents = sources.iter().enumerate().map(|(number, source)| source.parse(number)).collect();
    (sources, documents)
}
