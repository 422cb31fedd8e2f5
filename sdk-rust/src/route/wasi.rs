//! Between `wasi:http` and the plain types of a route. Only the component has this.

use super::{Answer, Asked};
use crate::Context;
use wasip2::http::types::{Fields, Method, OutgoingBody, OutgoingResponse};

pub use wasip2::exports::http::incoming_handler::Guest;
pub use wasip2::http::proxy::export;
pub use wasip2::http::types::{IncomingRequest, ResponseOutparam};

/// Bytes that go through a stream at once.
const PIECE: usize = 4_096;

pub fn answer(request: IncomingRequest, out: ResponseOutparam, route: impl FnOnce(&Context, &Asked) -> Answer) {
    let mut asked = read(&request);
    let context = asked.take_context();
    let answer = route(&context, &asked);
    let headers = Fields::new();
    for (name, value) in &answer.headers {
        headers.append(name, value.as_bytes()).expect("a header that can be one");
    }
    let response = OutgoingResponse::new(headers);
    response.set_status_code(answer.status).expect("a status from 200 to 599");
    let body = response.body().expect("the body is asked for once");
    let stream = body.write().expect("the stream is asked for once");
    for piece in answer.body.chunks(PIECE) {
        stream.blocking_write_and_flush(piece).expect("an open stream");
    }
    drop(stream);
    OutgoingBody::finish(body, None).expect("a whole body");
    ResponseOutparam::set(out, Ok(response));
}

fn read(request: &IncomingRequest) -> Asked {
    let path = request.path_with_query().unwrap_or_default();
    let mut asked = Asked::new(&method(request.method()), &path);
    asked.headers = request.headers().entries();
    if let Ok(body) = request.consume()
        && let Ok(stream) = body.stream()
    {
        while let Ok(piece) = stream.blocking_read(1 << 16) {
            asked.body.extend(piece);
        }
    }
    asked
}

fn method(method: Method) -> String {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => return name,
    }
    .to_owned()
}
