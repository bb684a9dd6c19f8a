//! Findings: what is wrong, where, what to do, and what Route 53 itself would say.

mod class;
mod location;
mod message;
mod register;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use core::ops::{Deref, DerefMut};

use serde::Serialize;

pub use self::class::{Class, Severity};
pub use self::location::Location;
pub use self::message::IntoMessage;
pub(crate) use self::message::shorten;
pub use self::register::{FINDING_KINDS, FindingKind, Source, finding_kind};

/// The error of the Route 53 API (8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each variant is the API error of that name")]
pub enum Route53Error {
    InvalidInput,
    InvalidChangeBatch,
    NoSuchHealthCheck,
    NoSuchCidrCollection,
    CidrBlockInUse,
    LimitsExceeded,
}

impl Route53Error {
    /// The API word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "InvalidInput",
            Self::InvalidChangeBatch => "InvalidChangeBatch",
            Self::NoSuchHealthCheck => "NoSuchHealthCheck",
            Self::NoSuchCidrCollection => "NoSuchCidrCollectionException",
            Self::CidrBlockInUse => "CidrBlockInUseException",
            Self::LimitsExceeded => "LimitsExceeded",
        }
    }
}

/// A step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member of an object.
    Key(String),
    /// An element of an array, counted from 0.
    Index(usize),
}

/// Where in a document: a singular JSONPath (RFC 9535), printed as `$.ResourceRecordSets[3].TTL`.
///
/// ```
/// use pointsman_core::diagnostic::Path;
/// let path = Path::root().key("HealthChecks").key("hc 1").index(0);
/// assert_eq!(path.to_string(), "$.HealthChecks['hc 1'][0]");
/// assert_eq!(Path::parse("$.HealthChecks['hc 1'][0]"), Some(path));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The whole document.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// One member further in.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    /// One element further in.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    /// Reads what [`Display`](fmt::Display) prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut path = Self::root();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (key, tail) = after.split_at_checked(end)?;
                path = path.key(key);
                rest = tail;
            } else if let Some(after) = rest.strip_prefix("['") {
                let mut key = String::new();
                let mut characters = after.char_indices();
                loop {
                    match characters.next()? {
                        (_, '\\') => key.push(characters.next()?.1),
                        (at, '\'') => {
                            rest = after.get(at..)?.strip_prefix("']")?;
                            break;
                        }
                        (_, character) => key.push(character),
                    }
                }
                path = path.key(&key);
            } else {
                let (digits, tail) = rest.strip_prefix('[')?.split_once(']')?;
                path = path.index(digits.parse().ok()?);
                rest = tail;
            }
        }
        Some(path)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.0 {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                Step::Key(key) => {
                    f.write_str("['")?;
                    for character in key.chars() {
                        if matches!(character, '\'' | '\\') {
                            f.write_char('\\')?;
                        }
                        f.write_char(character)?;
                    }
                    f.write_str("']")?;
                }
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where a finding is: a document, and a path or a line and column in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The document's number, in the order they were given.
    pub document: usize,
    /// Where in the document.
    pub path: Path,
    /// Line and column, both from 1, where the text is not JSON and so has no path.
    pub line_column: Option<(usize, usize)>,
}

impl Place {
    /// A place given by its path.
    #[must_use]
    pub const fn new(document: usize, path: Path) -> Self {
        Self { document, path, line_column: None }
    }
}

/// One finding.
///
/// Messages are lower case without a full stop; text of the user stands in backticks.
///
/// A finding is one pointer to its [`Finding`], and reads as that: findings are made in some hundred places and handed on
/// from there, which bindings pay for in size.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic(Box<Finding>);

/// What a [`Diagnostic`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Stable name of the kind of finding, such as `weighted-ttl-differs`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Who objects.
    pub class: Class,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The error that the Route 53 API answers with, where it would.
    pub route53_error: Option<Route53Error>,
    /// The text of the live service, where one is on record.
    pub route53_message: Option<String>,
    /// Where; absent when the finding is about no document, such as a missing one.
    pub place: Option<Place>,
}

impl Deref for Diagnostic {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.0
    }
}

impl DerefMut for Diagnostic {
    fn deref_mut(&mut self) -> &mut Finding {
        &mut self.0
    }
}

impl Diagnostic {
    /// A finding without Route 53's words and without a place.
    #[must_use]
    pub fn new(code: &'static str, severity: Severity, class: Class, message: impl IntoMessage) -> Self {
        let mut finding = Self::silent(code, severity, class);
        message.append_to(&mut finding.message);
        shorten(&mut finding.message);
        finding
    }

    #[inline(never)]
    fn silent(code: &'static str, severity: Severity, class: Class) -> Self {
        Self(Box::new(Finding {
            code,
            severity,
            class,
            message: String::new(),
            help: String::new(),
            route53_error: None,
            route53_message: None,
            place: None,
        }))
    }

    /// What stops evaluation.
    #[must_use]
    #[inline(never)]
    pub fn cannot(code: &'static str, message: impl IntoMessage) -> Self {
        Self::new(code, Severity::Error, Class::CannotBeEvaluated, message)
    }

    /// What Route 53 would refuse.
    #[must_use]
    #[inline(never)]
    pub fn refused(code: &'static str, error: Route53Error, message: impl IntoMessage) -> Self {
        Self::new(code, Severity::Error, Class::RefusedByApi, message).error(error)
    }

    /// What will surprise.
    #[must_use]
    #[inline(never)]
    pub fn lint(code: &'static str, message: impl IntoMessage) -> Self {
        Self::new(code, Severity::Warning, Class::Lint, message)
    }

    /// What the finding says, to be taken apart.
    #[must_use]
    pub fn into_finding(self) -> Finding {
        *self.0
    }

    /// Adds what to do.
    #[must_use]
    #[inline(never)]
    pub fn help(mut self, help: impl IntoMessage) -> Self {
        self.help.clear();
        help.append_to(&mut self.help);
        shorten(&mut self.help);
        self
    }

    /// Adds the API's error.
    #[must_use]
    #[inline(never)]
    pub fn error(mut self, error: Route53Error) -> Self {
        self.route53_error = Some(error);
        self
    }

    /// Adds the live service's text.
    #[must_use]
    #[inline(never)]
    pub fn says(mut self, message: impl IntoMessage) -> Self {
        let text = self.route53_message.insert(String::new());
        message.append_to(text);
        shorten(text);
        self
    }

    /// Adds the place.
    #[must_use]
    #[inline(never)]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Adds the finding to those before it. A call of its own: pushing would be written out at each of the places.
    #[inline(never)]
    pub(crate) fn add_to(self, findings: &mut Vec<Self>) {
        findings.push(self);
    }

    /// Turns an error into a warning (6.1.3a).
    #[must_use]
    #[inline(never)]
    pub fn downgraded(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The finding as a line of JSON, the form of `pointsman check --json`; `names` are the documents' names, and
    /// `location` is where [`crate::parse::locate`] found the place.
    #[must_use]
    pub fn to_json(&self, names: &[&str], location: Option<&Location>) -> String {
        let document = self.place.as_ref().and_then(|place| names.get(place.document).copied());
        self.to_json_of(document, location)
    }

    /// The same under its document's name.
    pub(crate) fn to_json_of(&self, document: Option<&str>, location: Option<&Location>) -> String {
        let place = self.place.as_ref();
        let line = DiagnosticLine {
            code: self.code,
            severity: self.severity,
            class: self.class,
            message: &self.message,
            help: &self.help,
            route53_error: self.route53_error.map(Route53Error::as_str),
            route53_message: self.route53_message.as_deref(),
            document,
            path: place.map(|place| place.path.to_string()),
            line: location.map(|location| location.line),
            column: location.map(|location| location.column),
        };
        serde_json::to_string(&line).unwrap_or_default()
    }
}

/// `error: what is wrong [code]; what to do`
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}: {} [{}]", self.message, self.code)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "; {}", self.help) }
    }
}

impl core::error::Error for Diagnostic {}

#[derive(Serialize)]
struct DiagnosticLine<'a> {
    code: &'a str,
    severity: Severity,
    class: Class,
    message: &'a str,
    help: &'a str,
    route53_error: Option<&'a str>,
    route53_message: Option<&'a str>,
    document: Option<&'a str>,
    path: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

/// Whether any finding is an error: the verdict of `check` and `apply`.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
