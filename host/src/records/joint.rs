//! Several writes in one commit, each in the name of its own caller: somebody signs up, and the server links the
//! account elsewhere that they came with.

use super::plan::{Otherwise, Plan, Refusal, lost_race};
use super::remove;
use super::uploads::{Input, Named};
use super::write::{plan_create, plan_update};
use crate::error::{Error, Result};
use crate::model::{Collection, Record};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Writes that are made together or not at all. Later ones see what the earlier ones will have done.
#[derive(Debug, Default)]
pub struct Joint(Plan);

/// How a commit ended that nobody refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Done,
    /// Something that was read has changed since: everything is to be looked at again.
    Contested,
}

impl Joint {
    /// Adds a create.
    ///
    /// # Errors
    /// As [`super::create`].
    pub async fn create(&mut self, cx: &Cx, collection: &Arc<Collection>, input: &Input) -> Result<Arc<Record>> {
        plan_create(cx, &mut self.0, collection, &input.named(cx, collection)).await
    }

    /// Adds an update.
    ///
    /// # Errors
    /// As [`super::update`].
    pub async fn update(
        &mut self,
        cx: &Cx,
        collection: &Arc<Collection>,
        id: &str,
        fields: &Map<String, Json>,
    ) -> Result<Arc<Record>> {
        plan_update(cx, &mut self.0, collection, id, &Named::without_files(fields), None).await
    }

    /// Adds a delete.
    ///
    /// # Errors
    /// As [`super::delete`].
    pub async fn delete(&mut self, cx: &Cx, collection: &Arc<Collection>, id: &str) -> Result<()> {
        remove::plan_delete(cx, &mut self.0, collection, id, None).await
    }

    /// Whether adding one failed only because somebody else was faster: worth beginning anew.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.is_lost()
    }

    /// Makes none of them unless a SELECT finds a row when it comes to it.
    pub fn must_find(&mut self, select: Sql) {
        self.0.must_find(select, Otherwise::Conflict);
    }

    /// Makes all of them.
    ///
    /// # Errors
    /// Why one of them cannot be made.
    pub async fn commit(self, cx: &Cx) -> Result<Ending> {
        match self.0.commit(cx).await.map_err(|refused| refused.why) {
            Ok(()) => Ok(Ending::Done),
            Err(Refusal::Conflict) => Ok(Ending::Contested),
            Err(Refusal::Error(error)) => Err(error),
        }
    }

    /// What is said when it was contested too often.
    #[must_use]
    pub fn given_up() -> Error {
        lost_race()
    }
}
