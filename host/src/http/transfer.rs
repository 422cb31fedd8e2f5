//! `/api/collections/{collection}/records/export` and `../import`: whole lists as files.

use super::reply::{Outcome, Reply, report};
use super::request::{Path, Superuser, collection, flag, only, query};
use super::spool::{self, Download};
use crate::error::Result;
use crate::records::{self, ExportQuery, Format, ImportQuery};
use crate::tenant::Cx;
use axum::extract::Request;

/// Largest file that is imported.
const IMPORT_MAX: usize = 1 << 30;

pub(super) async fn export(cx: Cx, Path(name): Path<String>) -> Outcome {
    let collection = collection(&cx, &name)?;
    let query = export_query(&cx)?;
    let turn = cx.tenant.exports.turn(cx.facts.address())?;
    let mut file = spool::file(&cx)?;
    let length = records::export(&cx, &collection, &query, &mut file).await?;
    let content_type = match query.format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Json => "application/json",
        Format::Ndjson => "application/x-ndjson",
    };
    let name = format!("{}.{}", collection.name, query.format.extension());
    Ok(Reply::Download(Download { file, length, content_type, name, turn }))
}

fn export_query(cx: &Cx) -> Result<ExportQuery> {
    let get = |name| query(cx, name).map(str::to_owned);
    Ok(ExportQuery {
        format: Format::parse(query(cx, "format"))?,
        filter: get("filter"),
        search: get("search"),
        sort: get("sort"),
        fields: get("fields"),
        for_spreadsheet: flag(cx, "spreadsheet")?,
    })
}

pub(super) async fn import(Superuser(seat): Superuser, Path(name): Path<String>, request: Request) -> Outcome {
    let cx = &seat.cx;
    let collection = collection(cx, &name)?;
    let query = import_query(cx)?;
    let file = spool::receive(cx, request, IMPORT_MAX).await?;
    Ok(report(&records::import(cx, &collection, &query, file).await?))
}

fn import_query(cx: &Cx) -> Result<ImportQuery> {
    only(cx, &["format", "key", "columns", "delimiter", "dryRun", "skipHooks", "fields"])?;
    let get = |name| query(cx, name).map(str::to_owned);
    Ok(ImportQuery {
        format: Format::parse(query(cx, "format"))?,
        key: get("key"),
        columns: get("columns"),
        delimiter: get("delimiter"),
        dry_run: flag(cx, "dryRun")?,
        skip_hooks: flag(cx, "skipHooks")?,
    })
}
