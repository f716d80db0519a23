import KerasCore

/// One place a file may be fetched from.
struct Address: Hashable {
  let url: String
  /// A second guess at a mirror's layout, tried only when the first is not there.
  var isSecondGuess = false

  var isLocal: Bool { url.hasPrefix("file://") }

  /// The address as it may be shown: without a password.
  var shown: String { withoutCredentials(url) }
}

extension StoreOptions {
  /// Mirrors first, each with the published layout and then flat, the official address last. Offline only
  /// folders remain.
  ///
  /// - Throws: `invalidArgument` for a mirror that is neither a folder nor an http, https or file URL.
  func addresses(of file: RemoteFile) throws(KerasError) -> [Address] {
    var addresses: [Address] = []
    for mirror in mirrors {
      let base = try baseURL(ofMirror: mirror)
      addresses.append(Address(url: joined(base, percentEncoded(file.mirrorPath))))
      if let name = file.mirrorPath.split(separator: "/").last {
        addresses.append(Address(url: joined(base, percentEncoded(String(name))), isSecondGuess: true))
      }
    }
    if usesOfficialHosts { addresses.append(Address(url: file.url)) }
    return isOffline ? addresses.filter(\.isLocal) : addresses
  }
}

private func baseURL(ofMirror mirror: String) throws(KerasError) -> String {
  for scheme in ["http://", "https://", "file://"] where mirror.lowercased().hasPrefix(scheme) {
    return scheme + mirror.dropFirst(scheme.count)
  }
  guard !mirror.contains("://") else { throw unknownScheme(mirror) }
  return "file://" + percentEncoded(absolutePath(mirror, home: homeOfUser(processEnvironment)))
}

/// Everything but letters, digits, `-._~` and `/` as `%XX`.
func percentEncoded(_ path: String) -> String {
  let digits = Array("0123456789ABCDEF")
  return path.utf8.reduce(into: "") { text, byte in
    let character = Character(UnicodeScalar(byte))
    if byte < 0x80, character.isLetter || character.isNumber || "-._~/".contains(character) {
      text.append(character)
    } else {
      text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
  }
}

/// `https://user:secret@host/file` becomes `https://…@host/file`.
func withoutCredentials(_ url: String) -> String {
  guard let scheme = url.range(of: "://") else { return url }
  let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  guard let at = authority.lastIndex(of: "@") else { return url }
  return url[..<scheme.upperBound] + "…" + url[at...]
}

extension String {
  /// The first place of `text`, without Foundation.
  fileprivate func range(of text: String) -> Range<Index>? {
    indices.lazy.map { self[$0...] }.first { $0.hasPrefix(text) }
      .map { $0.startIndex..<self.index($0.startIndex, offsetBy: text.count) }
  }
}

// MARK: - Wording

private func unknownScheme(_ mirror: String) -> KerasError {
  KerasError(
    .invalidArgument, "\"\(withoutCredentials(mirror))\" is not a mirror.",
    remedy: "KERAS_WEIGHTS_BASE_URL takes http, https and file URLs and folders.")
}
