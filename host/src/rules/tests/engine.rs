//! Values and JSON held against the engine itself: `value.rs` and `json.rs` say what SQLite says.

use super::super::json;
use super::super::value::{Affinity, compare, contains_pattern, is, like, text_of};
use super::*;
use proptest::prelude::*;

/// The one value that a statement answers; `None` for text that is not UTF-8.
fn ask(connection: &rusqlite::Connection, sql: &str, params: &[&sql::Value]) -> Option<sql::Value> {
    let cells: Vec<Cell> = params.iter().map(|value| cell(value)).collect();
    let mut statement = connection.prepare_cached(sql).expect(sql);
    let answer = statement.query_row(rusqlite::params_from_iter(cells), |row| row.get::<_, Cell>(0));
    Some(match answer.ok()? {
        Cell::Null => sql::Value::Null,
        Cell::Integer(number) => sql::Value::Integer(number),
        Cell::Real(number) => sql::Value::Real(number),
        Cell::Text(text) => sql::Value::Text(text),
        Cell::Blob(bytes) => sql::Value::Blob(bytes),
    })
}

fn memory() -> rusqlite::Connection {
    let connection = rusqlite::Connection::open_in_memory().expect("a database in memory opens");
    connection.execute_batch("CREATE TABLE t (n NUMERIC, x TEXT, b)").expect("the table is created");
    connection
}

fn number_like() -> impl Strategy<Value = String> {
    prop_oneof!["[ \\t]{0,2}[+-]?[0-9]{0,20}(\\.[0-9]{0,6})?([eE][+-]?[0-9]{0,2})?[ x]{0,1}", "[a-c5 .%_]{0,4}"]
}

fn any_value() -> impl Strategy<Value = sql::Value> {
    prop_oneof![
        Just(sql::Value::Null),
        any::<i64>().prop_map(sql::Value::Integer),
        (-20_i64..20).prop_map(sql::Value::Integer),
        (-1e18..1e18).prop_map(sql::Value::Real),
        (-200_i32..200).prop_map(|number| sql::Value::Real(f64::from(number) / 8.0)),
        number_like().prop_map(sql::Value::Text),
    ]
}

proptest! {
    #![proptest_config(super::super::test_config(3000))]

    #[test]
    fn reals_are_printed_alike(bits in any::<u64>(), decimal in -1e6..1e6, power in -30_i32..30) {
        let connection = memory();
        for number in [f64::from_bits(bits), decimal, (decimal / 10_f64.powi(power)).trunc(), decimal * 10_f64.powi(power)] {
            if number.is_nan() || number == 0.0 {
                continue;
            }
            let value = sql::Value::Real(number);
            let printed = sql::Value::Text(text_of(&value).expect("it is not NULL").into_owned());
            prop_assert_eq!(ask(&connection, "SELECT CAST(? AS TEXT)", &[&value]), Some(printed), "{:?}", number);
        }
    }

    #[test]
    fn columns_store_alike(value in any_value()) {
        let connection = memory();
        for (column, affinity) in [("n", Affinity::Numeric), ("x", Affinity::Text), ("b", Affinity::Blob)] {
            let insert = format!("INSERT INTO t ({column}) VALUES (?) RETURNING {column}");
            prop_assert_eq!(ask(&connection, &insert, &[&value]), Some(affinity.stored(value.clone())), "{}", column);
        }
    }

    #[test]
    fn values_compare_alike(left in any_value(), right in any_value()) {
        let connection = memory();
        let sides = [("?", Affinity::None), ("CAST(? AS TEXT)", Affinity::Text), ("n", Affinity::Numeric), ("b", Affinity::Blob), ("x", Affinity::Text)];
        for (left_sql, la) in sides {
            for (right_sql, ra) in sides {
                let (l, r) = (la.stored(left.clone()), ra.stored(right.clone()));
                let side = |sql: &'static str, alias: &str| if sql.contains('?') { sql.to_owned() } else { format!("{alias}.{sql}") };
                let (left_side, right_side) = (side(left_sql, "l"), side(right_sql, "r"));
                // Rows of the table hold the stored values; parameters are given as they are.
                connection.execute("DELETE FROM t", ()).expect("it is emptied");
                connection.execute("INSERT INTO t (n, x, b) VALUES (?1, ?1, ?1)", [cell(&left)]).expect("it is stored");
                connection.execute("INSERT INTO t (n, x, b) VALUES (?1, ?1, ?1)", [cell(&right)]).expect("it is stored");
                let params: Vec<&sql::Value> = [(left_sql, &l), (right_sql, &r)].into_iter().filter(|(sql, _)| sql.contains('?')).map(|(_, value)| value).collect();
                let from = "FROM t AS l JOIN t AS r ON l.rowid = 1 AND r.rowid = 2";
                for (symbol, expected) in [
                    ("<", compare(&l, la, &r, ra).map(std::cmp::Ordering::is_lt)),
                    ("=", compare(&l, la, &r, ra).map(std::cmp::Ordering::is_eq)),
                    ("IS", Some(is(&l, la, &r, ra))),
                ] {
                    let sql = format!("SELECT {left_side} {symbol} {right_side} {from}");
                    prop_assert_eq!(ask(&connection, &sql, &params), Some(expected.into()), "{} of {:?} and {:?}", sql, l, r);
                }
            }
        }
    }

    #[test]
    fn patterns_match_alike(text in "[aAb%_\\\\ä\\x00]{0,8}", pattern in "[aAb%_\\\\ä]{0,6}") {
        let connection = memory();
        for pattern in [pattern.clone(), contains_pattern(&pattern)] {
            let values = [sql::Value::Text(text.clone()), sql::Value::Text(pattern.clone())];
            let answer = ask(&connection, "SELECT ? LIKE ? ESCAPE '\\'", &[&values[0], &values[1]]);
            prop_assert_eq!(answer, Some(like(&text, &pattern).into()), "{:?}", pattern);
        }
    }

    #[test]
    fn json_is_read_alike(text in "[\\[\\]{},:\"a0\\\\u1.eE+\\- tn]{0,12}") {
        agree(&memory(), &text)?;
    }
}

/// Extraction, items and length of a text, which may or may not be JSON.
fn agree(connection: &rusqlite::Connection, text: &str) -> Result<(), TestCaseError> {
    let stored = sql::Value::Text(text.to_owned());
    let paths = [
        vec![],
        vec![json::Step::Key("a".into())],
        vec![json::Step::Index(0)],
        vec![json::Step::Key("a".into()), json::Step::Index(1)],
    ];
    for path in paths {
        let sql = "SELECT CASE WHEN json_valid(?1) THEN json_extract(?1, ?2) ELSE json_extract(json_object('pb', ?1), ?3) END";
        let whole = json::path_text(&path);
        let wrapped = whole.replacen('$', "$.pb", 1);
        let answer = ask(connection, sql, &[&stored, &whole.clone().into(), &wrapped.into()]);
        if let Ok(found) = json::extract(&stored, &path) {
            prop_assert_eq!(answer, Some(found), "{} in {:?}", whole, text);
        }
    }
    let is_list = "iif(json_valid(?1), json_type(?1) = 'array', FALSE)";
    let count =
        format!("SELECT json_array_length(CASE WHEN {is_list} THEN ?1 WHEN ?1 = '' THEN '[]' ELSE json_array(?1) END)");
    prop_assert_eq!(
        ask(connection, &count, &[&stored]),
        Some(sql::Value::Integer(json::length(&stored))),
        "{:?}",
        text
    );
    if let Ok(items) = json::items(&stored) {
        for (index, item) in items.into_iter().enumerate() {
            let each = format!(
                "SELECT value FROM json_each(CASE WHEN {is_list} THEN ?1 ELSE json_array(?1) END) LIMIT 1 OFFSET {index}"
            );
            prop_assert_eq!(ask(connection, &each, &[&stored]), Some(item), "item {} of {:?}", index, text);
        }
    }
    Ok(())
}

#[test]
fn chosen_json_is_read_alike() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let deep = [nested(1000), nested(1001)];
    let texts = [
        r#" {"a": [1, {"b" : 2.50}], "a": 2} "#,
        r#"{"\u0061":"x"}"#,
        "[1e400, -0, -0.0, 1E5, 123456789012345678901]",
        r#"["\u00e9\n\"", "a b", null, true]"#,
        r#"{"a":["x","\ud83d\ude00"]}"#,
        "[01]",
        "{a:1}",
        "['x']",
        "[1,]",
        "nul",
        "\"\\x41\"",
        "\u{feff}[1]",
        "[1]x",
        "\t[\n1\r]",
        "Infinity",
        "0x10",
        "+1",
        ".5",
        "5.",
    ];
    let connection = memory();
    for text in texts.into_iter().chain(deep.iter().map(String::as_str)) {
        agree(&connection, text).expect("both agree");
    }
}
