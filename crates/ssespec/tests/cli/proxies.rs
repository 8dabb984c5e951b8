//! `test proxy`: proxies that are not there, forward nowhere, end, or are started and ended by us.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::place::{Place, finish};
use crate::processes::{pid_in, signal, wait_for_end_of};

/// An address at which nobody listens.
fn free_address() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}

/// Deals with each connection in a thread of its own; ends with the test.
fn listen(serve: impl Fn(TcpStream) + Copy + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    url
}

/// Passes bytes on in both directions.
fn tunnel(origin: SocketAddr) -> String {
    fn copy(mut from: TcpStream, mut to: TcpStream) {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    }
    listen(move |client| {
        let Ok(server) = TcpStream::connect(origin) else { return };
        let (from, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || copy(from, to));
        copy(client, server);
    })
}

fn test(place: &Place, via: &str, origin: SocketAddr, more: &[&str]) -> crate::place::Ran {
    let origin = origin.to_string();
    place.run(&[&["test", "proxy", "--via", via, "--origin", &origin], more].concat())
}

#[test]
fn a_tunnel_passes_what_is_about_bytes() {
    let (place, origin) = (Place::new(), free_address());
    let more = ["--run", "proxy/co*", "--run", "proxy/prompt", "--report", "json=r.json"];
    test(&place, &tunnel(origin), origin, &more).exits(0).says("0 fail");
    assert_eq!(place.json("r.json")["subject"]["role"], "proxy");
}

#[test]
fn nobody_at_the_door_is_said() {
    let (place, origin, via) = (Place::new(), free_address(), free_address());
    test(&place, &format!("http://{via}"), origin, &["--report", "json=r.json"])
        .exits(3)
        .says("gives no answer: there is no connection")
        .says("`--start CMD`");
    assert_eq!(place.json("r.json")["errors"][0]["kind"], "subject");
}

#[test]
fn a_proxy_that_forwards_elsewhere_is_said() {
    let (place, origin) = (Place::new(), free_address());
    let via = listen(|mut client| {
        let _ = client.read(&mut [0; 4096]);
        let _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    });
    test(&place, &via, origin, &[])
        .exits(3)
        .says(&format!("nothing came through to the origin at {origin}"))
        .says("status 502");
}

#[test]
fn an_origin_that_is_not_ours_is_said() {
    let place = Place::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    test(&place, "http://127.0.0.1:9/", taken.local_addr().unwrap(), &[])
        .exits(3)
        .says("failed to listen on");
    let chosen = SocketAddr::from(([127, 0, 0, 1], 0));
    test(&place, "http://127.0.0.1:9/", chosen, &[]).exits(2).says("--origin 127.0.0.1:9000");
    test(&place, "127.0.0.1:9", free_address(), &[]).exits(2).says("`http://127.0.0.1:9`");
}

#[test]
fn a_proxy_that_ends_is_said() {
    let (place, origin) = (Place::new(), free_address());
    let via = format!("http://{}", free_address());
    test(&place, &via, origin, &["--start", "echo no such config >&2; exit 7"])
        .exits(3)
        .says("no such config")
        .says("in the foreground");
}

#[test]
fn what_was_started_is_ended() {
    let (place, origin) = (Place::new(), free_address());
    // Somebody listens already, which is taken for the proxy that is started.
    let via = tunnel(origin);
    let start = "sh -c 'echo $$ > child.pid; while :; do sleep 1; done' & \
                 echo '{\"op\":\"hello\",\"name\":\"a tunnel\",\"version\":\"1\"}'; \
                 echo $$ > pid; test -d \"$SSESPEC_DIR\" && test -n \"$SSESPEC_ORIGIN\" && wait";
    let more = ["--start", start, "--run", "proxy/comments"];
    test(&place, &via, origin, &more).exits(0).says("a tunnel 1");
    let pids = [pid_in(&place.path("pid")), pid_in(&place.path("child.pid"))];
    pids.into_iter().for_each(wait_for_end_of);

    std::fs::remove_file(place.path("pid")).unwrap();
    std::fs::remove_file(place.path("child.pid")).unwrap();
    let origin = origin.to_string();
    let args = ["test", "proxy", "--via", &via, "--origin", &origin, "--start", start];
    let more = ["--idle", "1m", "--run", "proxy/silent-stream"];
    let child = place.ssespec(&[&args[..], &more].concat()).spawn().unwrap();
    let pids = [pid_in(&place.path("pid")), pid_in(&place.path("child.pid"))];
    assert!(signal(child.id(), "INT"));
    finish(child).exits(130).says("INTERRUPTED (exit code 130)");
    pids.into_iter().for_each(wait_for_end_of);
}
