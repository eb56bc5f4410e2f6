//! Rust peer: hyper 0.14 on a current-thread tokio runtime, join_all for the fan-out.
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hyper::header::CONTENT_TYPE;
use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Method, Request, Response, Server, StatusCode};
use serde::Serialize;

type Output = Mutex<Vec<&'static str>>;

#[derive(Serialize)]
struct Reply {
    output: Vec<&'static str>,
    elapsed_seconds: f64,
}

#[derive(Serialize)]
struct Problem {
    error: &'static str,
}

async fn hi(output: &Output, delay: Duration) {
    output.lock().unwrap().push("Hello");
    tokio::time::sleep(delay).await;
    output.lock().unwrap().push("World");
}

/// The query's whole number of that name, or the fallback where it has none.
fn natural(query: &str, name: &str, fallback: u64) -> Option<u64> {
    for pair in query.split('&') {
        if let Some(text) = pair.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return text.parse().ok();
        }
    }
    Some(fallback)
}

fn send<T: Serialize>(status: StatusCode, value: &T) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(serde_json::to_vec(value).unwrap()))
        .unwrap()
}

async fn handle(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path();
    if !matches!(path, "/hi" | "/parallel" | "/sequence") {
        return Ok(send(StatusCode::NOT_FOUND, &Problem { error: "not found" }));
    }
    if request.method() != Method::GET {
        return Ok(send(StatusCode::METHOD_NOT_ALLOWED, &Problem { error: "method not allowed" }));
    }
    let query = request.uri().query().unwrap_or("");
    let (count, delay) = match (natural(query, "count", 3), natural(query, "delay_ms", 1000)) {
        (Some(count), Some(delay)) => (count, Duration::from_millis(delay)),
        _ => return Ok(send(StatusCode::UNPROCESSABLE_ENTITY, &Problem { error: "bad count or delay_ms" })),
    };
    let start = Instant::now();
    let output = Output::default();
    match path {
        "/hi" => hi(&output, delay).await,
        "/parallel" => drop(join_all((0..count).map(|_| hi(&output, delay))).await),
        _ => {
            for _ in 0..count {
                hi(&output, delay).await;
            }
        }
    }
    let elapsed_seconds = start.elapsed().as_micros() as f64 / 1e6;
    let output = output.into_inner().unwrap();
    Ok(send(StatusCode::OK, &Reply { output, elapsed_seconds }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port = std::env::var("PORT").expect("PORT");
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(format!("127.0.0.1:{port}").parse().unwrap()).unwrap();
    let listener = socket.listen(4096).unwrap().into_std().unwrap();
    Server::from_tcp(listener)
        .unwrap()
        .http1_only(true)
        .tcp_nodelay(true)
        .serve(make_service_fn(|_| async { Ok::<_, Infallible>(service_fn(handle)) }))
        .await
        .unwrap();
}
