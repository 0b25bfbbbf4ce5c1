//! Open-source packages: each released by its publisher in one statement about all of its files.

use crate::Component;
use crate::statement::Statement;

/// A package with the files that it is made of.
pub(super) struct Package {
    pub(super) name: String,
    purl: String,
    version: String,
    files: Vec<String>,
    shipped: usize,
}

/// `count` packages that have `files` files together, of which `shipped` are in the archives; of the others the network functions only
/// say that they are built in.
pub(super) fn packages(count: usize, files: usize, shipped: usize) -> Vec<Package> {
    let package = |at: usize| {
        let (name, version) = (format!("lib{}{at:03}", WORDS[at % WORDS.len()]), format!("{}.{}", 1 + at % 4, at % 17));
        let share = |all: usize| all / count + usize::from(at < all % count);
        Package {
            purl: format!("pkg:deb/debian/{name}@{version}"),
            shipped: share(shipped),
            files: (0..share(files)).map(|file| format!("{name}.so.{file}")).collect(),
            name,
            version,
        }
    };
    (0..count).map(package).collect()
}

const WORDS: [&str; 7] = ["archive", "codec", "event", "format", "queue", "socket", "trace"];

impl Package {
    fn content(&self, file: &str) -> Vec<u8> {
        format!("\x7fELF {file} of {}\n", self.purl).into_bytes()
    }

    /// The file that programs are linked with.
    pub(super) fn linked(&self) -> Component {
        self.components().next().expect("a package has files")
    }

    /// Its files as an SBOM lists them.
    pub(super) fn components(&self) -> impl Iterator<Item = Component> {
        self.files.iter().map(|file| {
            let component = Component::new(file, &self.version).purl(&self.purl).supplier("Debian");
            component.hash_of(&self.content(file))
        })
    }

    /// The files that are shipped.
    pub(super) fn shipped(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let path = |file: &String| format!("usr/lib/{file}");
        self.files.iter().take(self.shipped).map(move |file| (path(file), self.content(file)))
    }

    pub(super) fn release(&self) -> Statement {
        let release = Statement::release(&self.purl);
        self.files.iter().fold(release, |release, file| release.subject(file, &self.content(file)))
    }
}

/// A component with a digest, of which nobody says anything but the SBOM that lists it.
pub(super) fn leaf(number: usize) -> Component {
    let (name, version) = (format!("libleaf{number:03}"), "0.9");
    let purl = format!("pkg:deb/debian/{name}@{version}");
    Component::new(&name, version).purl(&purl).supplier("Debian").hash_of(purl.as_bytes())
}
