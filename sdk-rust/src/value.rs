//! What becomes a [`Value`] by itself, so that `draft.set("views", 3)` reads as it should.

use crate::bindings::types::Value;

macro_rules! values {
    ($($type:ty => |$it:ident| $value:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($it: $type) -> Self {
                $value
            }
        }
    )*};
}

values! {
    bool => |it| Value::Boolean(it);
    i32 => |it| Value::Integer(it.into());
    u32 => |it| Value::Integer(it.into());
    i64 => |it| Value::Integer(it);
    f64 => |it| Value::Number(it);
    &str => |it| Value::Text(it.to_owned());
    &String => |it| Value::Text(it.clone());
    String => |it| Value::Text(it);
    Vec<String> => |it| Value::Texts(it);
    &[&str] => |it| Value::Texts(it.iter().map(|text| (*text).to_owned()).collect());
}

/// `None` is null.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(it: Option<T>) -> Self {
        it.map_or(Value::Null, Into::into)
    }
}
