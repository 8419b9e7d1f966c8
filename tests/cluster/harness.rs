//! The faults are real: what the other tests build on.

use std::{
    net::{Ipv4Addr, UdpSocket},
    time::Duration,
};

use covey_cluster::{Lan, eventually};

#[test]
fn hosts_hear_each_other_unless_a_cable_is_cut_or_the_network_is_split() {
    let Some(lan) = Lan::new(3) else { return };
    let [one, two, three] = [1, 2, 3].map(|number| host(&lan, number));

    assert_eq!(hears(&one, [&two, &three]), [true, true]);
    lan.unplug(2);
    assert_eq!(hears(&one, [&two, &three]), [false, true]);
    lan.plug(2);
    eventually("the cable is mended", Duration::from_secs(5), || mended(&one, &two));
    lan.split(&[&[1], &[2, 3]]);
    assert_eq!(hears(&one, [&two, &three]), [false, false]);
    assert_eq!(hears(&two, [&three]), [true]);
    lan.heal();
    eventually("the split is healed", Duration::from_secs(5), || mended(&one, &two));
    lan.lose(1, 100);
    assert_eq!(hears(&one, [&two]), [false]);
    lan.lose(1, 0);
    assert_eq!(hears(&one, [&two]), [true]);
}

#[test]
fn multicast_reaches_every_other_host() {
    let Some(lan) = Lan::new(3) else { return };
    let group = Ipv4Addr::new(224, 0, 0, 251);
    let [one, two, three] = [1, 2, 3].map(|number| host(&lan, number));
    for host in [&two, &three] {
        host.socket.join_multicast_v4(&group, &Lan::address(host.number)).unwrap();
    }

    // A port forwards a moment after its cable is plugged in.
    for host in [two, three] {
        eventually("multicast arrives", Duration::from_secs(5), || {
            one.socket
                .send_to(b"who is there", (group, PORT))
                .map_err(|error| error.to_string())?;
            host.socket.recv(&mut [0; 16]).map_err(|error| error.to_string())
        });
    }
}

const PORT: u16 = 5_000;

struct Host {
    number: u8,
    socket: UdpSocket,
}

fn host(lan: &Lan, number: u8) -> Host {
    let socket = lan.inside(number, || UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).unwrap());
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    Host { number, socket }
}

/// Whether each of `others` gets what `from` sends it.
fn hears<const N: usize>(from: &Host, others: [&Host; N]) -> [bool; N] {
    others.map(|other| {
        // A send that the system refuses reaches nobody.
        let _refused = from.socket.send_to(b"hear", (Lan::address(other.number), PORT));
        other.socket.recv(&mut [0; 16]).is_ok()
    })
}

fn mended(one: &Host, other: &Host) -> Result<(), String> {
    if hears(one, [other]) == [true] { Ok(()) } else { Err("nothing arrives".to_owned()) }
}
