//! A name server of one name, whose mind can be changed.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;

/// What it says to every question.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Says {
    /// The address, which may be remembered for so many seconds.
    Address(Ipv4Addr, u32),
    /// The name exists and has no A record.
    NoRecord,
    /// RCODE 3.
    NoName,
    /// RCODE 2.
    Failure,
    /// Nothing at all.
    Nothing,
}

pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    says: Arc<Mutex<Says>>,
    asked: Arc<Mutex<usize>>,
}

impl NameServer {
    pub(crate) async fn start(says: Says) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = socket.local_addr().expect("an address");
        let server = Self { address, says: Arc::new(Mutex::new(says)), asked: Arc::default() };
        let (says, asked) = (Arc::clone(&server.says), Arc::clone(&server.asked));
        tokio::spawn(async move {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                *asked.lock().expect("not poisoned") += 1;
                let says = *says.lock().expect("not poisoned");
                if let Some(answer) = answer(&packet[..length], says) {
                    socket.send_to(&answer, from).await.expect("the question came from there");
                }
            }
        });
        server
    }

    pub(crate) fn say(&self, says: Says) {
        *self.says.lock().expect("not poisoned") = says;
    }

    /// How many questions came.
    pub(crate) fn asked(&self) -> usize {
        *self.asked.lock().expect("not poisoned")
    }
}

/// RFC 1035, section 4: header, the question as it came, perhaps a record whose name points at the question's.
fn answer(question: &[u8], says: Says) -> Option<Vec<u8>> {
    let mut end = 12;
    while question[end] != 0 {
        end += 1 + usize::from(question[end]);
    }
    end += 5;
    let (code, records) = match says {
        Says::Address(..) => (0, 1),
        Says::NoRecord => (0, 0),
        Says::Failure => (2, 0),
        Says::NoName => (3, 0),
        Says::Nothing => return None,
    };
    let mut answer = question[..2].to_vec();
    // A response; recursion desired and available.
    answer.extend([0x81, 0x80 | code, 0, 1, 0, records, 0, 0, 0, 0]);
    answer.extend(&question[12..end]);
    if let Says::Address(address, ttl) = says {
        answer.extend([0xc0, 12, 0, 1, 0, 1]);
        answer.extend(ttl.to_be_bytes());
        answer.extend([0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}
