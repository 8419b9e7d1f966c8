//! Questions about names, and how an index answers them.
//!
//! Every term must hold. Of the terms that name something exactly, or a field at least, the one that
//! fewest names fit leads, and the others are looked up for each name it leads to. A page looks at
//! [`Query::MAX_SCANNED`] names at most, so a question that no index helps with costs no more than
//! one that an index answers badly, and says so ([`Page::indexed`]).

use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Included, Unbounded},
};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    agent::RuntimeKind,
    ids::{Name, NodeId},
    registry::{
        Count, Index, NameState, Page, QueryError,
        index::{Facet, Row},
    },
};

/// Which names, and which page of them. Names that nobody answers for are left out unless a term
/// asks for a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// What must hold, all of it; 16 terms at most.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<Term>>")]
    pub terms: Vec<Term>,
    /// Only names after this one in the order of names.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub after: Option<Name>,
    /// How many at most; 20 if none is said, 1,000 at most.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// Something that holds for a name or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "term")]
pub enum Term {
    /// It is in a namespace.
    Namespace {
        /// Which.
        namespace: String,
    },
    /// It begins so, namespace included.
    Prefix {
        /// How.
        prefix: String,
    },
    /// A node holds it.
    Node {
        /// Which.
        #[ts(type = "string")]
        node: NodeId,
    },
    /// It is held for an agent.
    Holder {
        /// Which.
        #[ts(type = "string")]
        agent: Name,
    },
    /// Its agent is run so.
    Kind {
        /// By what.
        kind: RuntimeKind,
    },
    /// It is in this state.
    State {
        /// Which.
        state: NameState,
    },
    /// Its agent can do all of this.
    Capabilities {
        /// What.
        all: Vec<String>,
    },
    /// One of the values of a field is this one.
    Equals {
        /// Which field.
        field: String,
        /// Which value.
        value: String,
    },
    /// One of the values of a field begins so.
    BeginsWith {
        /// Which field.
        field: String,
        /// How.
        prefix: String,
    },
    /// It has the field, whatever its values.
    Exists {
        /// Which field.
        field: String,
    },
    /// One of the values of a field is a whole number within these bounds, both included.
    Between {
        /// Which field.
        field: String,
        /// The least.
        #[serde(default)]
        #[ts(optional, type = "number")]
        min: Option<i64>,
        /// The most.
        #[serde(default)]
        #[ts(optional, type = "number")]
        max: Option<i64>,
    },
    /// This does not hold.
    Not {
        /// What.
        not: Box<Self>,
    },
}

/// What leads through the names.
enum Lead<'a> {
    Nobody,
    Set(&'a BTreeSet<Name>),
    Everyone,
}

impl Query {
    /// Terms of one query.
    pub const MAX_TERMS: usize = 16;
    /// Names of a page if nothing is said.
    pub const DEFAULT_LIMIT: u32 = 20;
    /// Names of a page at most: a megabyte at worst.
    pub const MAX_LIMIT: u32 = 1_000;
    /// Names looked at for one page: some 2 ms.
    pub const MAX_SCANNED: u32 = 10_000;
    /// Names looked at for a count: a node's share of the largest registry it may fill.
    pub const MAX_COUNTED: u32 = 200_000;
    /// The longest text in a term, in bytes: what the metadata of one name may hold.
    const MAX_TEXT: usize = 4_096;

    /// Everything for which all of `terms` hold.
    #[must_use]
    pub fn all(terms: Vec<Term>) -> Self {
        Self { terms, after: None, limit: None }
    }

    /// Checks it.
    ///
    /// # Errors
    ///
    /// The first rule it breaks.
    pub fn check(&self) -> Result<(), QueryError> {
        let limit = self.limit.unwrap_or(Self::DEFAULT_LIMIT);
        if !(1..=Self::MAX_LIMIT).contains(&limit) {
            return Err(QueryError::Limit { limit, max: Self::MAX_LIMIT });
        }
        let count = self.terms.len();
        if count > Self::MAX_TERMS {
            return Err(QueryError::TooManyTerms { count, max: Self::MAX_TERMS });
        }
        self.terms.iter().try_for_each(Term::check)
    }

    fn asks_for_state(&self) -> bool {
        let asks = |term: &Term| match term {
            Term::State { .. } => true,
            Term::Not { not } => matches!(**not, Term::State { .. }),
            Term::Namespace { .. }
            | Term::Prefix { .. }
            | Term::Node { .. }
            | Term::Holder { .. }
            | Term::Kind { .. }
            | Term::Capabilities { .. }
            | Term::Equals { .. }
            | Term::BeginsWith { .. }
            | Term::Exists { .. }
            | Term::Between { .. } => false,
        };
        self.terms.iter().any(asks)
    }

    fn prefix(&self) -> &str {
        let prefixes = self.terms.iter().filter_map(|term| {
            if let Term::Prefix { prefix } = term { Some(prefix.as_str()) } else { None }
        });
        prefixes.max_by_key(|prefix| prefix.len()).unwrap_or("")
    }
}

impl Term {
    fn check(&self) -> Result<(), QueryError> {
        let text = |what, value: &String| {
            if value.is_empty() || value.len() > Query::MAX_TEXT {
                return Err(QueryError::Text { what, value: value.clone() });
            }
            Ok(())
        };
        match self {
            Self::Namespace { namespace } => text("namespace", namespace),
            Self::Prefix { prefix } => text("prefix", prefix),
            Self::Capabilities { all } if all.is_empty() || all.len() > Query::MAX_TERMS => {
                Err(QueryError::TooManyTerms { count: all.len(), max: Query::MAX_TERMS })
            }
            Self::Capabilities { all } => all.iter().try_for_each(|can| text("capability", can)),
            Self::Equals { field, .. } | Self::Exists { field } => text("field", field),
            Self::BeginsWith { field, prefix } => {
                text("field", field).and_then(|()| text("prefix", prefix))
            }
            Self::Between { field, min, max } => {
                text("field", field)?;
                let none = min.is_none() && max.is_none();
                let crossed = min.zip(*max).is_some_and(|(min, max)| min > max);
                if none || crossed {
                    return Err(QueryError::Bounds { field: field.clone() });
                }
                Ok(())
            }
            Self::Not { not } if matches!(**not, Self::Not { .. }) => Err(QueryError::Nested),
            Self::Not { not } => not.check(),
            Self::Node { .. } | Self::Holder { .. } | Self::Kind { .. } | Self::State { .. } => {
                Ok(())
            }
        }
    }

    /// What all names that it holds for have in common, as far as sets are kept for it.
    fn facets(&self) -> Vec<Facet> {
        match self {
            Self::Namespace { namespace } => vec![Facet::Namespace(namespace.clone())],
            Self::Node { node } => vec![Facet::Node(*node)],
            Self::Holder { agent } => vec![Facet::Holder(agent.clone())],
            Self::Kind { kind } => vec![Facet::Kind(*kind)],
            Self::State { state } => vec![Facet::State(*state)],
            Self::Capabilities { all } => all.iter().cloned().map(Facet::Capability).collect(),
            Self::Equals { field, value } => vec![Facet::Value(field.clone(), value.clone())],
            Self::BeginsWith { field, .. }
            | Self::Exists { field }
            | Self::Between { field, .. } => {
                vec![Facet::Field(field.clone())]
            }
            Self::Prefix { .. } | Self::Not { .. } => Vec::new(),
        }
    }

    /// Whether it holds for `name`.
    pub(super) fn fits(&self, name: &Name, row: &Row) -> bool {
        let offer = row.claim.offer.as_deref();
        let values = |field: &String| {
            row.claim.metadata.get(field).into_iter().flat_map(|values| values.0.iter())
        };
        match self {
            Self::Namespace { namespace } => name.namespace() == namespace,
            Self::Prefix { prefix } => name.as_str().starts_with(prefix.as_str()),
            Self::Node { node } => row.node == *node,
            Self::Holder { agent } => row.claim.holder.as_ref() == Some(agent),
            Self::Kind { kind } => offer.is_some_and(|offer| offer.kind == *kind),
            Self::State { state } => row.state == *state,
            Self::Capabilities { all } => {
                all.iter().all(|can| offer.is_some_and(|offer| offer.capabilities.contains(can)))
            }
            Self::Equals { field, value } => values(field).any(|held| held == value),
            Self::BeginsWith { field, prefix } => {
                values(field).any(|held| held.starts_with(prefix.as_str()))
            }
            Self::Exists { field } => row.claim.metadata.contains_key(field),
            Self::Between { field, min, max } => values(field)
                .filter_map(|held| held.parse::<i64>().ok())
                .any(|held| min.is_none_or(|min| min <= held) && max.is_none_or(|max| held <= max)),
            Self::Not { not } => !not.fits(name, row),
        }
    }
}

impl Index {
    /// A page of the names that fit, in order.
    ///
    /// # Errors
    ///
    /// See [`QueryError`].
    pub fn search(&self, query: &Query) -> Result<Page, QueryError> {
        query.check()?;
        let limit = query.limit.unwrap_or(Query::DEFAULT_LIMIT);
        let lead = self.lead(query);
        let mut page = Page { indexed: !matches!(lead, Lead::Everyone), ..Page::default() };
        let mut last = None;
        for (name, row) in self.candidates(&lead, query) {
            let full = u32::try_from(page.names.len()).is_ok_and(|found| found >= limit);
            if full || page.scanned >= Query::MAX_SCANNED {
                page.next = last;
                break;
            }
            page.scanned += 1;
            if fits(query, name, row) {
                page.names.push(row.view(name));
            }
            last = Some(name.clone());
        }
        Ok(page)
    }

    /// How many names fit.
    ///
    /// # Errors
    ///
    /// See [`QueryError`].
    pub fn count(&self, query: &Query) -> Result<Count, QueryError> {
        query.check()?;
        let mut looked = self.candidates(&self.lead(query), query);
        let most = usize::try_from(Query::MAX_COUNTED).unwrap_or(usize::MAX);
        let fitting = looked.by_ref().take(most).filter(|(name, row)| fits(query, name, row));
        let count = u32::try_from(fitting.count()).unwrap_or(u32::MAX);
        Ok(Count { count, exact: looked.next().is_none() })
    }

    /// Every name that fits, for a change of them.
    pub(super) fn fitting(&self, query: &Query) -> Vec<Name> {
        let fitting =
            self.candidates(&self.lead(query), query).filter(|(name, row)| fits(query, name, row));
        fitting.map(|(name, _)| name.clone()).collect()
    }

    fn lead(&self, query: &Query) -> Lead<'_> {
        let mut lead = Lead::Everyone;
        for facet in query.terms.iter().flat_map(Term::facets) {
            let Some(set) = self.set(&facet) else { return Lead::Nobody };
            if !matches!(lead, Lead::Set(least) if least.len() <= set.len()) {
                lead = Lead::Set(set);
            }
        }
        lead
    }

    /// The names to look at, in order.
    fn candidates<'a>(
        &'a self,
        lead: &Lead<'a>,
        query: &'a Query,
    ) -> Box<dyn Iterator<Item = (&'a Name, &'a Row)> + 'a> {
        let prefix = query.prefix();
        let start = match &query.after {
            Some(after) if after.as_str() >= prefix => Excluded(after.as_str()),
            Some(_) | None => Included(prefix),
        };
        let bounds = (start, Unbounded);
        let begins = move |name: &&Name| name.as_str().starts_with(prefix);
        match lead {
            Lead::Nobody => Box::new(std::iter::empty()),
            Lead::Set(set) => Box::new(
                set.range::<str, _>(bounds)
                    .take_while(begins)
                    .filter_map(|name| self.rows().get_key_value(name)),
            ),
            Lead::Everyone => Box::new(
                self.rows().range::<str, _>(bounds).take_while(move |(name, _)| begins(name)),
            ),
        }
    }
}

fn fits(query: &Query, name: &Name, row: &Row) -> bool {
    (row.state.is_live() || query.asks_for_state())
        && query.terms.iter().all(|term| term.fits(name, row))
}
