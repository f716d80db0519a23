import KerasCore

/// One place a file may be fetched from.
struct Address: Hashable {
  enum Place: Hashable {
    /// An http or https URL.
    case web(String)
    /// A file of this machine.
    case file(String)
  }

  let place: Place
  /// A second guess at a mirror's layout, tried only when the first is not there.
  var isSecondGuess = false

  var isLocal: Bool { if case .file = place { true } else { false } }

  /// The address as it may be shown and written down: without passwords and tokens.
  var shown: String {
    switch place {
    case .web(let url): withoutSecrets(url)
    case .file(let path): "file://" + percentEncoded(path)
    }
  }
}

extension StoreOptions {
  /// Mirrors first, each with the published layout and then flat, the official address last. Offline only
  /// folders remain.
  ///
  /// - Throws: `invalidArgument` for a mirror that is neither a folder nor an http, https or file URL.
  func addresses(of file: RemoteFile) throws(KerasError) -> [Address] {
    var addresses: [Address] = []
    for text in mirrors {
      let mirror = try Mirror(text)
      addresses.append(Address(place: mirror.place(of: file.mirrorPath)))
      if let name = file.mirrorPath.split(separator: "/").last {
        addresses.append(Address(place: mirror.place(of: String(name)), isSecondGuess: true))
      }
    }
    if usesOfficialHosts, !file.url.isEmpty {
      let isFile = file.url.lowercased().hasPrefix("file://")
      addresses.append(Address(place: isFile ? try Mirror(file.url).place(of: nil) : .web(file.url)))
    }
    return isOffline ? addresses.filter(\.isLocal) : addresses
  }
}

/// Everything but letters, digits, `-._~` and `/` as `%XX`.
func percentEncoded(_ path: String) -> String { percentEncoded(path, keeping: "-._~/") }

/// Everything but ASCII letters, digits and the characters of `kept` as `%XX`.
func percentEncoded(_ text: some StringProtocol, keeping kept: String) -> String {
  let digits = Array("0123456789ABCDEF")
  return text.utf8.reduce(into: "") { text, byte in
    let character = Character(UnicodeScalar(byte))
    if byte < 0x80, character.isLetter || character.isNumber || kept.contains(character) {
      text.append(character)
    } else {
      text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
  }
}

/// An address, also one that is written wrongly, as it may be shown: a user's name and password, which end at the
/// last `@`, and what follows a `?` are left out.
///
/// `https://user:secret@host/file?token=abc` becomes `https://…@host/file?…`.
package func withoutSecrets(_ address: String) -> String {
  var scheme = ""
  var rest = address[...]
  if let end = address.firstRange(ofText: "://") {
    scheme = String(address[..<end.upperBound])
    // What stands before it may be a password, too, where the scheme was forgotten.
    if !scheme.dropLast(3).allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) }) { scheme = "" }
    rest = address.dropFirst(scheme.count)
  }
  if let at = rest.lastIndex(of: "@") {
    // A password with a `?` and a token with an `@` look the same.
    guard !rest[..<at].contains(where: { "?#".contains($0) }) else { return scheme + "…" }
    rest = "…" + rest[at...]
  }
  if let query = rest.firstIndex(where: { "?#".contains($0) }) { rest = rest[...query] + "…" }
  return (scheme + rest).escaped
}

extension StringProtocol {
  /// The first place of `text`, without Foundation.
  func firstRange(ofText text: String) -> Range<Index>? {
    indices.lazy.map { self[$0...] }.first { $0.hasPrefix(text) }
      .map { $0.startIndex..<self.index($0.startIndex, offsetBy: text.count) }
  }
}
