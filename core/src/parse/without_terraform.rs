//! What stands in for the reader of Terraform's JSON in a build without the feature `terraform`: its documents are known
//! for what they are, and refused.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::document::Document;
use super::fields::unknown;
use super::node::{Link, Node, Problems};
use crate::diagnostic::Diagnostic;

/// Where a document of Terraform's has what: there is none in this build.
#[derive(Debug, Clone, PartialEq)]
pub enum TerraformPlaces {}

impl TerraformPlaces {
    pub(crate) fn excuses(&self, _: &Diagnostic, _: usize) -> bool {
        match *self {}
    }

    pub(crate) fn set_right(&self, _: &mut Vec<Diagnostic>, _: usize) {
        match *self {}
    }
}

/// The members of a document that Terraform wrote, while it is read.
#[derive(Default)]
pub(super) struct Terraform {
    is_terraform: bool,
    /// Members that would be Terraform's.
    given: Vec<&'static str>,
}

/// What is done with a member of the top-level object.
pub(super) enum Part<'a, 't> {
    /// It is read into this, which this build never asks for.
    #[expect(dead_code, reason = "the reader of documents serves builds with Terraform too")]
    Keep(&'a mut Option<Node<'t>>),
    /// It bears on nothing.
    Skip,
}

impl Terraform {
    /// What is done with the member of this key; `None` when it is not one of Terraform's.
    pub(super) fn part<'t>(&mut self, key: &str) -> Option<Part<'_, 't>> {
        self.is_terraform |= matches!(key, "format_version" | "terraform_version");
        let known = ["values", "configuration"].into_iter().find(|known| *known == key);
        self.given.extend(known);
        (self.is_terraform || known.is_some() || matches!(key, "planned_values" | "prior_state")).then_some(Part::Skip)
    }

    /// Refuses what Terraform wrote; answers whether the document is its.
    pub(super) fn finish(self, _: &mut Document<'_>, problems: &mut Problems) -> bool {
        if self.is_terraform {
            let message = "this is Terraform's, which this build of Pointsman does not read";
            let help = "the command line reads it: `pointsman check FILE`; here, give what the AWS CLI prints";
            problems.push(&Link::ROOT, Diagnostic::cannot("terraform-not-read", message).help(help));
        } else {
            self.given.into_iter().for_each(|key| unknown(key, &Link::ROOT, problems));
        }
        self.is_terraform
    }
}

/// The documents as they are: none holds several zones.
pub(crate) fn choose<'d, 't, 'w>(
    documents: &'d [Document<'t>],
    word: Option<&'w str>,
) -> (Cow<'d, [Document<'t>]>, Option<Cow<'w, str>>) {
    (Cow::Borrowed(documents), word.map(Cow::Borrowed))
}

/// The text of a plan or a state in the AWS CLI's words: nothing in this build.
pub(crate) fn in_words_of_aws(_: &str) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use crate::parse::{Locator, parse};

    #[test]
    fn terraforms_documents_are_refused_by_name() {
        let text = r#"{"format_version": "1.2", "values": {"root_module": {"resources": []}}}"#;
        let findings = parse(0, text).diagnostics;
        assert_eq!(findings.iter().map(|finding| finding.code).collect::<alloc::vec::Vec<_>>(), ["terraform-not-read"]);
        assert!(findings[0].help.contains("pointsman check"), "{findings:?}");
        assert_eq!(Locator::new(text).locate(text, findings[0].place.as_ref().unwrap()).line, 1);
    }

    #[test]
    fn its_words_alone_do_not_make_a_document_its() {
        let findings = parse(0, r#"{"ResourceRecordSets": [], "values": {}}"#).diagnostics;
        assert_eq!(findings.iter().map(|finding| finding.code).collect::<alloc::vec::Vec<_>>(), ["unknown-field"]);
    }
}
