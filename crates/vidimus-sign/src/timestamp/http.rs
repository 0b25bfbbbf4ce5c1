//! An authority asked over HTTP (RFC 3161 section 3.4): the one connection that this project ever opens, and only where the feature `http`
//! is built in. The answer is checked like one from a file, so that it does not matter who else could read or write it on its way.

use std::time::Duration;

use ureq::Agent;

use super::request;
use crate::error::Error;
use vidimus::digest::Algorithm;

/// An answer has a few kilobytes.
const MAX_BYTES: u64 = 1024 * 1024;
/// For everything together, names and connections included.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer addresses are none of an authority.
const MAX_URL: usize = 2000;

/// What the authority at `url` answers to a request for a timestamp over `signature`, unchecked.
///
/// # Errors
/// The address is not one of plain HTTP; nobody answers in time; the answer says no, leads elsewhere, or has no end.
pub fn ask(url: &str, signature: &[u8], algorithm: Algorithm) -> Result<Vec<u8>, Error> {
    ask_within(url, &request(signature, algorithm, true)?, PATIENCE)
}

fn ask_within(url: &str, query: &[u8], patience: Duration) -> Result<Vec<u8>, Error> {
    let shown = vidimus::render::escape_within(url, 200);
    let failed = |what: String| Error::input(format!("{shown}: {what}"));
    if !url.starts_with("http://") || url.len() > MAX_URL {
        return Err(failed("not an address that begins with http://".to_owned()).with_hint(
            "the answer is signed and checked, so that plain HTTP is enough; for another address write the request with `vidimus \
             timestamp request` and send it with any client",
        ));
    }
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(patience))
        // Whoever is named is asked, and nobody else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent("vidimus")
        .build()
        .into();
    let refused = |e: ureq::Error| {
        failed(vidimus::render::escape(&e.to_string())).with_hint(
            "check the address, or write the request with `vidimus timestamp request` and send it with any client",
        )
    };
    let asked = agent.post(url).header("Content-Type", "application/timestamp-query");
    let asked = asked.header("Accept", "application/timestamp-reply");
    let mut answer = asked.send(query).map_err(refused)?;
    if answer.status().as_u16() != 200 {
        return Err(failed(format!("it answered with HTTP status {}", answer.status().as_u16()))
            .with_hint("name the address that the authority gives for RFC 3161 itself"));
    }
    answer.body_mut().with_config().limit(MAX_BYTES).read_to_vec().map_err(refused)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_types, reason = "an authority in the test itself")]
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// One answer of a server that lives as long; the request that it got.
    fn served(answer: &[u8], patience: Duration) -> (Result<Vec<u8>, Error>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        std::thread::scope(|scope| {
            let server = scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut got = Vec::new();
                let mut buffer = [0; 4096];
                while !got.ends_with(b"query") {
                    let count = stream.read(&mut buffer).unwrap();
                    got.extend_from_slice(&buffer[..count]);
                }
                // Who is asked may hang up first.
                let _ = stream.write_all(answer);
                if answer.is_empty() {
                    let _ = stream.read(&mut buffer);
                }
                got
            });
            let said = ask_within(&url, b"query", patience);
            (said, String::from_utf8(server.join().unwrap()).unwrap())
        })
    }

    #[test]
    fn what_is_sent_and_taken() {
        let (said, got) = served(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer", PATIENCE);
        assert_eq!(said.unwrap(), b"answer");
        let got = got.to_ascii_lowercase();
        assert!(got.starts_with("post /tsa http/1.1\r\n"), "{got}");
        assert!(got.contains("content-type: application/timestamp-query\r\n"), "{got}");
        assert!(got.contains("content-length: 5\r\n"), "{got}");
    }

    #[test]
    fn what_is_refused() {
        let endless = [&b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"[..], &vec![b'x'; 2 * 1024 * 1024]].concat();
        for (answer, expected) in [
            (&b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"[..], "500"),
            (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "HTTP status 302"),
            (b"HTTP/1.1 204 Nothing\r\n\r\n", "HTTP status 204"),
            (b"nonsense\r\n\r\n", "http"),
            (&endless, "limit"),
            (b"", "timeout"),
        ] {
            let patience = if answer.is_empty() { Duration::from_millis(300) } else { PATIENCE };
            let said = served(answer, patience).0.unwrap_err().to_string();
            assert!(said.starts_with("http://127.0.0.1:") && said.contains(expected), "{expected}: {said}");
        }
        for url in ["https://tsa.example/", "ftp://tsa.example/", "tsa.example", "", "http:/", "HTTP://tsa.example"] {
            let error = ask_within(url, b"query", PATIENCE).unwrap_err();
            assert!(error.to_string().contains("not an address that begins with http://"), "{error}");
        }
        assert!(ask_within("http://", b"query", PATIENCE).is_err());
        assert!(
            ask_within("http://a b\u{202e}/", b"query", PATIENCE).is_err_and(|e| !e.to_string().contains('\u{202e}'))
        );
    }
}
