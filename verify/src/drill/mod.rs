//! Every failure, tried on every name and every class of clients.
//!
//! A world is a set of dead endpoints ([`crate::endpoint`]). What a name answers in all worlds at once is a handful of
//! conditions ([`crate::tree`]); a finding is a condition that some world fulfils, with the smallest such world. Before
//! it is told, core answers the question in that world, and has to agree.

mod dead;
mod finding;
mod found;
mod singles;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use crate::algebra::Statuses;
use crate::bdd::{Bdd, Table};
use crate::class::Classes;
use crate::subject::Subject;
use crate::tree::{Evaluated, Towards, answers, evaluate};
use crate::world::World;

pub(crate) use dead::labels;
pub use finding::{Finding, Reproduce, Severity};
use found::{Confirm, Entry, Found, Key};
pub use singles::LOAD_FACTOR;

/// Up to so many endpoints and health checks a name is examined in all worlds. AWS allows 200 health checks.
pub const FAILURES_MAX: usize = 2_000;
/// Up to so many endpoints each pair is examined, where all worlds are too many.
pub const ENDPOINTS_IN_PAIRS: usize = 200;

/// What a drill may take.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Only findings of at most so many failures at once; a failure domain is one. Without it any number.
    pub depth: Option<usize>,
    /// The most nodes of the decision diagrams: about 100 bytes each. A name that needs more is examined for each
    /// failure and each pair of failures only.
    pub nodes_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { depth: None, nodes_max: 4_000_000 }
    }
}

/// What a drill found.
#[derive(Debug, Default)]
pub struct Drill {
    /// The findings, worst first.
    pub findings: Vec<Finding>,
    /// Names and types that were asked.
    pub questions: usize,
    /// Classes of clients, of all questions together.
    pub classes: usize,
    /// Endpoints and health checks that can fail.
    pub failures: usize,
    /// Questions that were too large to be examined in all worlds: each single failure and each pair instead.
    pub bounded: Vec<String>,
    /// Where classes are sampled: the reason, and how many questions it is true of.
    pub sampled: BTreeMap<&'static str, usize>,
    /// Findings that core did not confirm: a mistake of this crate's reasoning, told instead of the finding.
    pub unconfirmed: Vec<String>,
    /// Words of the facts file that name nothing.
    pub unknown: Vec<String>,
}

/// The functions of one table that stand for what can fail.
struct Symbols {
    table: Table,
    /// Everything may fail.
    all: Statuses<Bdd>,
    /// Endpoints may die; health checks do what they read.
    deaths: Statuses<Bdd>,
    /// What a variable stands for: an endpoint, or a health check past them.
    order: Vec<usize>,
}

impl Symbols {
    fn new(subject: &Subject, nodes_max: usize) -> Self {
        let (endpoints, checks) = (subject.endpoints.list.len(), subject.zone.health_checks.len());
        let order = order(subject);
        let mut place = vec![0_u32; endpoints.saturating_add(checks)];
        for (at, failure) in (0_u32..).zip(&order) {
            if let Some(slot) = place.get_mut(*failure) {
                *slot = at;
            }
        }
        let mut table = Table::new(nodes_max);
        let variables: Vec<Bdd> = place.iter().map(|at| table.variable(*at)).collect();
        let (dead, failing) = variables.split_at(endpoints.min(variables.len()));
        let all = Statuses::new(subject, &mut table, dead.to_vec(), failing);
        let deaths = Statuses::new(subject, &mut table, dead.to_vec(), &[]);
        Self { table, all, deaths, order }
    }

    /// The smallest world in which a condition holds.
    fn smallest(&mut self, subject: &Subject, condition: Bdd) -> Option<World> {
        let set = self.table.fewest_true(condition)?;
        let mut world = World::default();
        for failure in set.into_iter().filter_map(|variable| self.order.get(variable as usize).copied()) {
            match failure.checked_sub(subject.endpoints.list.len()) {
                Some(check) => world.failing.push(check),
                None => world.dead.push(failure),
            }
        }
        world.dead.sort_unstable();
        world.failing.sort_unstable();
        // A failure domain that is enough by itself says more than a list of endpoints.
        if world.size() > 1 {
            let domains = (0..subject.endpoints.domains.len()).map(|domain| World::of_domain(subject, domain));
            if let Some(domain) = { domains }.find(|domain| self.holds(subject, condition, domain)) {
                return Some(domain);
            }
        }
        Some(world)
    }

    fn holds(&self, subject: &Subject, condition: Bdd, world: &World) -> bool {
        let endpoints = subject.endpoints.list.len();
        self.table.holds(condition, |variable| {
            self.order.get(variable as usize).is_some_and(|failure| match failure.checked_sub(endpoints) {
                Some(check) => world.failing.contains(&check),
                None => world.dead.contains(failure),
            })
        })
    }
}

/// Endpoints and checks in the order in which record sets name them, so that what belongs together stands together.
fn order(subject: &Subject) -> Vec<usize> {
    let endpoints = subject.endpoints.list.len();
    let mut order: Vec<usize> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |failure: usize| {
        if seen.insert(failure) {
            order.push(failure);
        }
    };
    for group in &subject.groups {
        for record in &group.members {
            answers(subject, *record).iter().copied().for_each(&mut add);
            let check = subject.record(*record).and_then(|set| set.health_check).map(|check| check as usize);
            let Some(check) = check else { continue };
            for one in subject.checks_below(check) {
                add(endpoints.saturating_add(one));
            }
        }
    }
    (0..endpoints.saturating_add(subject.zone.health_checks.len())).for_each(&mut add);
    order
}

/// What is known of one class of a question.
struct Case<'a> {
    question: usize,
    number: usize,
    classes: &'a Classes,
    all: Evaluated<Bdd>,
}

/// Drills a zone. `progress` is told how many questions are done, of how many.
///
/// ```
/// # use pointsman_core::{parse::parse, validate::{Options as Validate, validate}};
/// # use pointsman_verify::{drill::{Options, drill}, facts::Facts, subject::Subject};
/// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
/// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "one", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
/// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "two", "Weight": 0, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#;
/// # let subject = Subject::new(validate(&[parse(0, zone)], &Validate::default()).zone.unwrap(), Facts::default());
/// // Weights 1 and 0, and no health checks:
/// let drill = drill(&subject, Options::default(), &mut |_, _| {});
/// let codes: Vec<&str> = drill.findings.iter().map(|finding| finding.code).collect();
/// assert_eq!(codes, ["dead-endpoint", "never-used"]);
/// ```
pub fn drill(subject: &Subject, options: Options, progress: &mut dyn FnMut(usize, usize)) -> Drill {
    let mut drill = Drill {
        failures: subject.endpoints.list.len().saturating_add(subject.zone.health_checks.len()),
        unknown: subject.endpoints.unknown.clone(),
        ..Drill::default()
    };
    let mut symbols = Symbols::new(subject, options.nodes_max);
    let mut whole = whole::Whole::new(subject);
    let mut found = Found::default();
    let questions: Vec<usize> = subject.questions().map(|(number, _)| number).collect();
    drill.questions = questions.len();
    for (done, question) in questions.iter().copied().enumerate() {
        progress(done, questions.len());
        if symbols.table.len() > options.nodes_max / 2 {
            symbols = Symbols::new(subject, options.nodes_max);
            whole.forget();
        }
        let classes = Classes::of(subject, question);
        drill.classes = drill.classes.saturating_add(classes.list.len());
        for why in &classes.sampled {
            let count = drill.sampled.entry(why).or_default();
            *count = count.saturating_add(1);
        }
        let size = subject.endpoints.below(subject, question).len().saturating_add(subject.checks_of(question).len());
        let mut is_bounded = size > FAILURES_MAX;
        let mut of_question = Found::default();
        for (number, class) in classes.list.iter().enumerate() {
            if size > FAILURES_MAX {
                whole.assume_used(subject, &class.tree);
                dead::examine_pairs(subject, question, number, &classes, &mut of_question);
                continue;
            }
            let all = evaluate(subject, &class.tree, &mut symbols.table, &symbols.all, |_| false);
            let case = Case { question, number, classes: &classes, all };
            let mut here = Found::default();
            dead::examine(subject, &case, &mut symbols, &mut here);
            whole.examine(subject, &case, &mut symbols, &mut here);
            if symbols.table.is_full() {
                is_bounded = true;
                symbols = Symbols::new(subject, options.nodes_max);
                whole.forget();
                whole.assume_used(subject, &class.tree);
                here = Found::default();
                dead::examine_pairs(subject, question, number, &classes, &mut here);
            }
            of_question.join(here);
        }
        singles::examine(subject, question, &classes, &mut of_question);
        of_question.name(question, &classes);
        found.join(of_question);
        if is_bounded {
            let group = subject.group(question);
            drill.bounded.extend(group.map(|group| format!("{} {}", group.name, group.record_type)));
        }
    }
    progress(questions.len(), questions.len());
    whole.finish(subject, &symbols, &mut found);
    found.finish(subject, options, &mut drill);
    drill
}

/// Whether a branch answers by itself.
fn is_answer(leads: Towards) -> bool {
    leads == Towards::Answer
}
