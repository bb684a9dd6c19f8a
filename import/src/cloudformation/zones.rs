//! The hosted zones that record sets of a template name, and the choice of one.

use pointsman_core::diagnostic::Path;
use pointsman_core::model::NameBuf;

/// A zone that the template declares or that record sets name.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    /// The logical id, an id, or what the id comes from.
    pub(super) key: String,
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) private: Option<bool>,
    /// Where it is declared.
    pub(super) declared: Option<Path>,
    pub(super) is_used: bool,
}

impl Zone {
    pub(super) fn is(&self, word: &str) -> bool {
        let word = word.strip_prefix("/hostedzone/").unwrap_or(word);
        self.key == word
            || self.id.as_deref() == Some(word)
            || self.name.as_deref().is_some_and(|name| same(name, word))
    }

    fn shown(&self) -> String {
        match &self.name {
            Some(name) if *name != self.key => format!("`{name}` ({})", self.key),
            _ => format!("`{}`", self.key),
        }
    }
}

/// Whether two texts are one domain name.
pub(super) fn same(one: &str, other: &str) -> bool {
    match (NameBuf::parse(one), NameBuf::parse(other)) {
        (Ok(one), Ok(other)) => one.as_ref() == other.as_ref(),
        _ => false,
    }
}

/// Whether a name lies within a zone.
fn is_within(name: &str, zone: &str) -> bool {
    match (NameBuf::parse(name), NameBuf::parse(zone)) {
        (Ok(name), Ok(zone)) => name.as_ref().is_within(zone.as_ref()),
        _ => false,
    }
}

/// The number of the zone that is read: of all zones, with the zone and the name of each record set. An error says which
/// there are, and whether the word names more than one.
pub(super) fn choose(
    zones: &[Zone],
    records: &[(usize, String)],
    word: Option<&str>,
) -> Result<Option<usize>, (String, bool)> {
    let numbers = |fits: &dyn Fn(usize, &Zone) -> bool| -> Vec<usize> {
        zones.iter().enumerate().filter(|(at, zone)| fits(*at, zone)).map(|(at, _)| at).collect()
    };
    let used = numbers(&|_, zone| zone.is_used);
    let only = match (used.as_slice(), zones) {
        ([zone], _) => Some(*zone),
        ([], [_]) => Some(0),
        _ => None,
    };
    let mut fitting = word.map(|word| numbers(&|_, zone| zone.is(word))).unwrap_or_default();
    if fitting.len() > 1 {
        let narrower: Vec<usize> = fitting.iter().copied().filter(|at| used.contains(at)).collect();
        fitting = if narrower.is_empty() { fitting } else { narrower };
    }
    if let (Some(word), true) = (word, fitting.is_empty()) {
        // Nothing says what some zone is called; the word may, if all its names lie there.
        let all_within = |at: usize| {
            let mut names = records.iter().filter(|(zone, _)| *zone == at).peekable();
            names.peek().is_some() && names.all(|(_, name)| is_within(name, word))
        };
        fitting = numbers(&|at, zone| zone.name.is_none() && all_within(at));
    }
    match (fitting.as_slice(), only) {
        ([zone], _) => Ok(Some(*zone)),
        ([], Some(zone)) => Ok(Some(zone)),
        ([], None) if used.is_empty() => Ok(None),
        _ => {
            let shown = if used.len() > 1 { &used } else { &fitting };
            let all: Vec<String> = shown.iter().filter_map(|at| zones.get(*at)).map(Zone::shown).collect();
            Err((all.join(", "), fitting.len() > 1))
        }
    }
}
