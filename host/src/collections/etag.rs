//! A collection's `ETag`: a strong tag of the definition as it is stored, its secrets included, so that whoever changes it on
//! the grounds of what they have seen takes back nothing that they have not seen.

use crate::model::Collection;
use crate::records;
use crate::schema::catalog::Catalog;
use crate::sql::Value;

/// The tag of a definition.
pub(super) fn of(catalog: &Catalog, collection: &Collection) -> String {
    let mut text = b"definition\0".to_vec();
    for column in collection.to_columns() {
        match &column {
            Value::Text(column) => text.extend_from_slice(column.as_bytes()),
            // A rule that is missing and one that is empty are different ones.
            Value::Null => text.push(1),
            Value::Integer(number) => text.extend_from_slice(number.to_string().as_bytes()),
            // No column is one of these.
            Value::Real(_) | Value::Blob(_) => {}
        }
        text.push(0);
    }
    records::sign_tag(catalog, &text)
}
