//! What all workers are told to do.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::Coordinator;
use crate::address::Address;
use crate::client::parameter;
use crate::pipe::PreparedTls;
use crate::plan::{Ids, Plan};
use crate::run::Subject;

impl Coordinator {
    /// The plan that all workers share.
    pub(super) fn plan(&self, targets: &[SocketAddr]) -> Plan {
        let ns = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let workload = &self.workload;
        let (address, builtin) = match &workload.subject {
            Subject::Url(address) => (address.clone(), false),
            Subject::Builtin { target, .. } | Subject::Client { target, .. } => {
                let host = Ipv4Addr::LOCALHOST.to_string();
                let target = target.clone();
                (Address { tls: false, authority: host.clone(), target, host, port: 80 }, true)
            }
        };
        let template = workload.request.compile(&address);
        // The streams of `/load/stream` begin at their first event; others are joined.
        let known = !address.target.contains("seq={");
        let whole = builtin && known && address.target.starts_with("/load/stream");
        let first = parameter(&address.target, "seq", 1);
        let default = if whole { Ids::From(first) } else { Ids::Consecutive };
        Plan {
            worker: 0,
            workers: self.budget.workers,
            streams: workload.streams,
            arrivals: workload.arrivals.clone(),
            lifetime: workload.lifetime,
            targets: targets.to_vec(),
            request: template.plain().unwrap_or_default(),
            template: template.plain().is_none().then(|| Box::new(template)),
            credentials: workload.credentials.clone(),
            sources: self.sources.clone(),
            ramp_ns: ns(workload.ramp),
            hold_ns: ns(workload.hold),
            timeout_ns: ns(workload.timeout),
            ids: workload.ids.unwrap_or(default),
            scheduled: builtin,
            reset: builtin,
            reconnect: workload.reconnect,
            storms: workload.storms.clone(),
            lock_step: workload.lock_step,
            tls: workload.tls(),
            prepared_tls: PreparedTls::default(),
            http2: workload.http2,
            slow: workload.slow,
            receive_buffer: workload.receive_buffer,
            publish: None,
            reading: workload.reading.clone(),
            wall_ns: 0,
            client: workload.client_plan(),
            go_ns: 0,
        }
    }
}
