//! System packages: installs what is missing where it may, else says the one command.

use crate::shell::{Failure, cmd, say};

/// What compiling the window and the transport needs.
pub(crate) const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "libgtk-3-dev",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libxdo-dev",
];

/// What compiling the headless node needs: the transport's cryptography is C.
pub(crate) const BUILD_HEADLESS: &[&str] = &["build-essential"];

/// What the tests of the networks, the panel and the window need besides.
pub(crate) const TEST: &[&str] = &[
    "iproute2",
    "nftables",
    "iputils-ping",
    "python3",
    "python3-gi",
    "chromium",
    "xvfb",
    "xauth",
    "dbus",
    "dbus-x11",
    "webkit2gtk-driver",
    "fonts-dejavu-core",
    "dpkg-dev",
];

/// What drawing the icons needs.
pub(crate) const ICONS: &[&str] = &["librsvg2-bin"];

/// Makes sure that `packages` are installed, on systems that have apt; says what it does.
///
/// Elsewhere the compiler is the judge: macOS and Windows bring the web view along, and other
/// distributions name these packages in their own way.
pub(crate) fn ensure(packages: &[&str]) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if !cmd("dpkg-query").arg("--version").succeeds() {
        say(&format!("  no dpkg here; Covey needs what Debian calls {}", packages.join(" ")));
        return Ok(());
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|name| !installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing)
}

/// Whether Debian counts a package, or something that provides it, as installed.
fn installed(package: &str) -> bool {
    cmd("dpkg-query")
        .args(&["-W", "-f=${db:Status-Status}", package])
        .answer()
        .is_some_and(|status| status.contains("installed") && !status.contains("not-installed"))
}

fn install(missing: &[&str]) -> Result<(), Failure> {
    let root = cmd("id").arg("-u").answer().is_some_and(|id| id == "0");
    let sudo = !root && cmd("sudo").args(&["-n", "true"]).succeeds();
    if !root && !sudo {
        return Err(Failure::Missing(format!(
            "these system packages are missing, and this user may not install them; run\n\n  \
             sudo apt-get install -y --no-install-recommends {}\n\nand then the same task again",
            missing.join(" ")
        )));
    }
    say(&format!("  installing {} system packages, which takes a minute or two", missing.len()));
    let apt = || {
        let call = if sudo { cmd("sudo").words("-n env") } else { cmd("env") };
        // A second installation waits for the first instead of failing at once.
        call.words("DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=900")
    };
    apt().arg("update").run()?;
    apt().words("install -y --no-install-recommends").args(missing).run()
}
