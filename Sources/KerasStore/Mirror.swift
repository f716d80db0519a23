import Glibc
import KerasCore

/// A place that has many files: a folder, or an http or https URL to put paths behind.
struct Mirror {
  private enum Base {
    case folder(String)
    /// The query comes behind the path of a file.
    case web(url: String, query: String)
  }

  private let base: Base

  /// - Throws: `invalidArgument` for what is neither a folder nor an http, https or file URL.
  init(_ text: String) throws(KerasError) {
    guard !text.unicodeScalars.contains("\u{FFFD}") else { throw notUTF8(text) }
    let schemes = ["http://", "https://", "file://"]
    guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }) else {
      guard Self.looksLikeFolder(text) else { throw notAMirror(text) }
      base = .folder(absolutePath(text, home: homeOfUser(processEnvironment)))
      return
    }
    let rest = text.dropFirst(scheme.count)
    let host = rest.prefix { !"/?#".contains($0) }
    let path = rest[host.endIndex...].prefix { !"?#".contains($0) }
    if scheme == "file://" {
      guard ["", "localhost"].contains(host.lowercased()), path.endIndex == rest.endIndex,
        let decoded = percentDecoded(path), !decoded.isEmpty
      else { throw notAMirror(text) }
      base = .folder(decoded)
    } else {
      guard let authority = Self.authority(host) else { throw notAMirror(text) }
      let query = rest[path.endIndex...].prefix { $0 != "#" }
      base = .web(
        url: scheme + authority + percentEncoded(path, keeping: "-._~/%!$&'()*+,;=:@"),
        query: percentEncoded(query, keeping: "-._~/%!$&'()*+,;=:@?"))
    }
  }

  /// Where the file at `path` below the mirror is; the mirror itself for nil.
  func place(of path: String?) -> Address.Place {
    switch base {
    case .folder(let folder): .file(path.map { joined(folder, $0) } ?? folder)
    case .web(let url, let query): .web((path.map { joined(url, percentEncoded($0)) } ?? url) + query)
    }
  }

  /// Paths that say so, folders that are there, and names that cannot be an address with a slip in it.
  private static func looksLikeFolder(_ text: String) -> Bool {
    if ["/", "~/", "./", "../"].contains(where: text.hasPrefix) || ["~", ".", ".."].contains(text) { return true }
    if FileStatus(path: text)?.kind == .folder { return true }
    return !text.isEmpty && !text.contains { ":@?#".contains($0) }
  }

  /// `user:password@host:port` with everything in the first half encoded as it must be; nil when the second is
  /// not the name of a host and a port, as where a password has a slash in it.
  private static func authority(_ text: Substring) -> String? {
    let at = text.lastIndex(of: "@")
    let host = at.map { text[text.index(after: $0)...] } ?? text
    let name: Substring
    let port: Substring
    if host.hasPrefix("["), let end = host.lastIndex(of: "]") {
      name = host[...end]
      port = host[host.index(after: end)...]
      guard name.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || ":.%".contains($0) }) else { return nil }
    } else {
      name = host.prefix { $0 != ":" }
      port = host[name.endIndex...]
      guard name.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) }) else { return nil }
    }
    guard !name.isEmpty, port.isEmpty || port.hasPrefix(":") && port.dropFirst().allSatisfy(\.isNumber) else {
      return nil
    }
    guard let at else { return String(host) }
    return percentEncoded(text[..<at], keeping: "-._~%!$&'()*+,;=:") + "@" + host
  }
}

/// The mirrors that `KERAS_WEIGHTS_BASE_URL` names, separated by commas or white space.
///
/// Names of folders and passwords may hold these, too: they separate only where another URL or path begins
/// behind them (a path with `/`, `~/`, `./` or `../`), and not within a URL before its last `@`.
func mirrors(in text: String) -> [String] {
  let characters = Array(text)
  let isSeparator = characters.map { $0 == "," || $0.isWhitespace }
  if FileStatus(path: text)?.kind == .folder { return [text] }

  func beginsURL(_ index: Int) -> Bool {
    let rest = characters[index...]
    let scheme = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    return scheme.first?.isLetter == true && rest.dropFirst(scheme.count).starts(with: "://")
  }
  func beginsPath(_ index: Int) -> Bool {
    ["/", "~/", "./", "../"].contains { characters[index...].starts(with: $0) }
  }

  let starts = characters.indices.filter { !isSeparator[$0] && ($0 == 0 || isSeparator[$0 - 1]) }
  let urls = starts.filter(beginsURL)
  var pieces: [Int] = []
  for start in starts {
    guard let first = pieces.last else {
      pieces.append(start)
      continue
    }
    if beginsURL(start) {
      pieces.append(start)
    } else if beginsPath(start) {
      let end = urls.first { $0 > start } ?? characters.count
      let isInsidePassword = beginsURL(first) && characters[start..<end].contains("@")
      if !isInsidePassword { pieces.append(start) }
    }
  }
  return zip(pieces, pieces.dropFirst() + [characters.count]).map { start, end in
    var piece = characters[start..<end]
    while let last = piece.last, last == "," || last.isWhitespace { piece.removeLast() }
    return String(piece)
  }
}

/// nil when the bytes are not UTF-8: they would become another name.
private func percentDecoded(_ text: Substring) -> String? {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%"), rest.count >= 2,
      let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
    {
      bytes.append(value)
      rest = rest.dropFirst(2)
    } else {
      bytes.append(byte)
    }
  }
  return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
}

// MARK: - Wording

private func notAMirror(_ text: String) -> KerasError {
  KerasError(
    .invalidArgument, "\"\(withoutSecrets(text))\" is not a mirror.",
    remedy: "KERAS_WEIGHTS_BASE_URL takes http, https and file URLs and folders; in a password, write "
      + "`/` as %2F, `?` as %3F, `#` as %23 and `@` as %40.")
}

private func notUTF8(_ text: String) -> KerasError {
  KerasError(
    .invalidArgument, "\"\(withoutSecrets(text))\" is not a mirror: its name is not UTF-8.",
    remedy: "give the folder another name, or a link to it.")
}
