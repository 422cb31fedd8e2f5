//! plugin-name: answers requests below `/api/x/plugin-name`.

use tinybase_plugin::prelude::*;

#[route]
fn answer(ctx: &Context, asked: &Asked) -> Answer {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/hello") => Answer::text(200, &format!("Hello, {}!", ctx.caller.kind)),
        ("POST", "/length") => Answer::text(200, &asked.body.len().to_string()),
        (_, "/hello" | "/length") => Answer::text(405, "Not like that."),
        _ => Answer::text(404, "There is nothing here."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing;

    #[test]
    fn a_route_is_a_plain_function() {
        assert_eq!(answer(&testing::context(""), &Asked::new("GET", "/hello")).body, b"Hello, user!");
        assert_eq!(answer(&testing::context(""), &Asked::new("GET", "/nowhere")).status, 404);
    }
}
