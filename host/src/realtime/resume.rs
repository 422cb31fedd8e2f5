//! Tells a WebSocket what it missed while it was away: the changes after the last one it knows, judged and shown as they
//! would be now. A record that changed several times is told of once, as it is; one that came and went is not.

use super::beyond::Past;
use super::client::Client;
use super::frame;
use super::hub::Hub;
use super::judge::{Filters, News, Outcome, Telling, as_of_now};
use super::topic::{Target, Topic};
use crate::error::Result;
use crate::model::{Action, Change, Collection, Draft, Record};
use crate::records;
use crate::schema::catalog::Catalog;
use crate::tenant::Tenant;
use crate::tenant::history::{self, Kept};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Collections whose rows go with others without being kept: what hangs on a sign-in.
const NOT_KEPT: [&str; 4] = ["_mfas", "_otps", "_authOrigins", "_externalAuths"];

/// What is told again, to whom.
pub(super) struct Resume<'a> {
    pub tenant: &'a Arc<Tenant>,
    pub hub: &'a Arc<Hub>,
    pub client: &'a Arc<Client>,
    pub topics: &'a [Arc<Topic>],
    /// The last change that it knows.
    pub after: u64,
    /// The last one before it subscribed.
    pub upto: u64,
}

/// A record that changed.
struct Missed<'a> {
    last: &'a Kept,
    /// It was not there before.
    is_new: bool,
    /// Where its commit begins and ends in the history.
    at: usize,
}

impl Resume<'_> {
    /// Tells what was missed, and then that this was all, or that nobody knows.
    pub(super) async fn run(&self, id: Option<&Value>) {
        let told = match history::between(self.tenant, self.after, self.upto).await {
            Ok(Some(kept)) => self.tell_all(&kept).await,
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        let last = match told {
            Ok(true) => frame::resumed(id, self.upto),
            Ok(false) => frame::missed(id, self.upto),
            Err(error) => {
                tracing::warn!(?error, "what was missed could not be told");
                frame::missed(id, self.upto)
            }
        };
        self.client.answer(last, self.tenant.world.now_ms());
    }

    /// False when something cannot be told.
    async fn tell_all(&self, kept: &[Kept]) -> Result<bool> {
        let catalog = self.tenant.catalog();
        let name = |topic: &Topic| catalog.collection(&topic.collection).map(|collection| collection.name.clone());
        if self.topics.iter().filter_map(|topic| name(topic)).any(|name| NOT_KEPT.contains(&&*name)) {
            return Ok(false);
        }
        let mut filters: HashMap<usize, Filters> = HashMap::new();
        for missed in each_once(kept) {
            let Some(collection) = catalog.collection(&missed.last.collection).cloned() else { continue };
            let topics = self.topics.iter().enumerate();
            let wanted: Vec<_> = topics.filter(|(_, topic)| wants(topic, &collection, &missed.last.record)).collect();
            if wanted.is_empty() {
                continue;
            }
            let Some(news) = self.news(&catalog, &collection, kept, &missed).await? else {
                // Gone since, which is told as it happened; or it was too large to be kept.
                if missed.last.action == Action::Delete {
                    return Ok(false);
                }
                continue;
            };
            for (index, topic) in wanted {
                let filters = filters.entry(index).or_insert_with(|| Filters::of(topic, &catalog, &collection));
                if !self.tell(&news, topic, filters).await {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    async fn tell(&self, news: &News, topic: &Topic, filters: &Filters) -> bool {
        let caller = self.client.bearer.lock().at(news.now_ms).clone();
        match Telling::new(news, topic, filters).to(&caller).await {
            Outcome::Told(message) => self.client.answer(message, news.now_ms),
            Outcome::Silent => true,
            Outcome::Lost => false,
        }
    }

    /// The change as it is told now; `None` when there is no row to tell of.
    async fn news(
        &self,
        catalog: &Arc<Catalog>,
        collection: &Arc<Collection>,
        kept: &[Kept],
        missed: &Missed<'_>,
    ) -> Result<Option<News>> {
        let (record, past) = if missed.last.action == Action::Delete {
            let Some(row) = &missed.last.past else { return Ok(None) };
            let row = Arc::new(Record::from_json_values(collection.clone(), row));
            (as_of_now(catalog, &row), Arc::new(past(catalog, commit(kept, missed.at))))
        } else {
            let read = self
                .tenant
                .store
                .read(|snapshot| records::load_row(snapshot, catalog, collection, &missed.last.record));
            (read.await?.map(Arc::new), Arc::default())
        };
        let action = match missed.last.action {
            Action::Delete => Action::Delete,
            _ if missed.is_new => Action::Create,
            _ => Action::Update,
        };
        Ok(record.map(|record| News {
            tenant: self.tenant.clone(),
            catalog: catalog.clone(),
            record,
            past,
            action,
            seq: missed.last.seq,
            now_ms: self.tenant.world.now_ms(),
            hub: self.hub.clone(),
        }))
    }
}

fn wants(topic: &Topic, collection: &Collection, record: &str) -> bool {
    let names = topic.collection == collection.id || topic.collection == collection.name;
    names
        && match &topic.target {
            Target::All => true,
            Target::Record(id) => id == record,
        }
}

/// The records that changed, each at its last change; what came and went is left out.
fn each_once(kept: &[Kept]) -> Vec<Missed<'_>> {
    let mut found: HashMap<(&str, &str), (usize, bool)> = HashMap::new();
    for (at, change) in kept.iter().enumerate() {
        let known = found.entry((&change.collection, &change.record)).or_insert((at, change.action == Action::Create));
        known.0 = at;
    }
    let mut missed: Vec<Missed<'_>> =
        found.into_values().map(|(at, is_new)| Missed { last: &kept[at], is_new, at }).collect();
    missed.retain(|missed| !(missed.is_new && missed.last.action == Action::Delete));
    missed.sort_unstable_by_key(|missed| missed.at);
    missed
}

/// What was committed together with the change at that place.
fn commit(kept: &[Kept], at: usize) -> &[Kept] {
    let begin = at.saturating_sub(usize::try_from(kept[at].place).unwrap_or(usize::MAX));
    let after = kept[at + 1..].iter().position(|change| change.place == 0).map_or(kept.len(), |next| at + 1 + next);
    &kept[begin..after]
}

/// The rows of a commit as they were before it.
fn past(catalog: &Catalog, together: &[Kept]) -> Past {
    let change = |kept: &Kept| {
        let collection = catalog.collection(&kept.collection)?;
        let before = kept.past.as_ref().map(|row| Arc::new(Record::from_json_values(collection.clone(), row)));
        let after = (kept.action != Action::Delete).then(|| Arc::new(named(collection, &kept.record)));
        let is_known = before.is_some() || after.is_some();
        is_known.then(|| Arc::new(Change { action: kept.action, before, after }))
    };
    let changes: Vec<Arc<Change>> = together.iter().filter_map(change).collect();
    Past::of(catalog, &changes)
}

/// A record of which only the id is known.
fn named(collection: &Arc<Collection>, id: &str) -> Record {
    let mut draft = Draft::new(collection.clone());
    if let Some(index) = collection.field_index("id") {
        draft.put(index, crate::model::Value::Text(id.to_owned()));
    }
    draft.record
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(seq: u64, place: u64, record: &str, action: Action) -> Kept {
        Kept { seq, place, collection: "c".into(), record: record.into(), action, past: None }
    }

    #[test]
    fn a_record_is_told_of_once_and_what_came_and_went_not_at_all() {
        use Action::{Create, Delete, Update};
        let all = [
            kept(1, 0, "new", Create),
            kept(2, 0, "brief", Create),
            kept(3, 0, "old", Update),
            kept(4, 0, "new", Update),
            kept(5, 0, "brief", Delete),
            kept(6, 0, "gone", Update),
            kept(7, 0, "gone", Delete),
        ];
        let told: Vec<_> = each_once(&all).iter().map(|missed| (missed.last.seq, missed.is_new)).collect();
        assert_eq!(told, [(3, false), (4, true), (7, false)]);
    }

    #[test]
    fn a_commit_is_found_around_its_changes() {
        let all: Vec<Kept> =
            [0, 0, 1, 2, 0].into_iter().zip(1..).map(|(place, seq)| kept(seq, place, "r", Action::Update)).collect();
        let seqs = |at| commit(&all, at).iter().map(|kept| kept.seq).collect::<Vec<_>>();
        assert_eq!((seqs(0), seqs(1), seqs(3), seqs(4)), (vec![1], vec![2, 3, 4], vec![2, 3, 4], vec![5]));
    }
}
