import Glibc
import Keras

/// A path as the system has it: any bytes but zero.
///
/// What of it is no UTF-8 is shown as `\xE9`, so that every file has a name people and programs can read.
struct FileName: Hashable, Sendable {
  let bytes: [UInt8]
  /// For results and messages.
  let text: String
  /// Whether ``text`` names the file itself.
  let isText: Bool

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if let text = String(validating: bytes, as: UTF8.self) {
      (self.text, isText) = (text, true)
    } else {
      (text, isText) = (Self.readable(bytes), false)
    }
  }

  /// An argument, which Swift hands on with U+FFFD in place of bytes that are no UTF-8.
  init(argument: String) {
    let arguments = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
    let original = arguments.lazy.compactMap { $0 }.first {
      String(cString: $0) == argument && String(validatingCString: $0) == nil
    }
    self.init(
      original.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? Array(argument.utf8))
  }

  func appending(_ name: [UInt8]) -> FileName {
    FileName(bytes.last == UInt8(ascii: "/") ? bytes + name : bytes + [UInt8(ascii: "/")] + name)
  }

  /// The ending in lowercase, without the point; empty when there is none.
  var ending: String { text.split(separator: ".").last.map { $0.lowercased() } ?? "" }

  /// The path as system calls take it.
  var cString: [CChar] { bytes.map(CChar.init(bitPattern:)) + [0] }

  private static func readable(_ bytes: [UInt8]) -> String {
    var (text, rest) = ("", bytes[...])
    while let first = rest.first {
      let character = (1...4).lazy.compactMap { count in
        String(validating: rest.prefix(count), as: UTF8.self).map { (count, $0) }
      }.first
      let digits = String(first, radix: 16, uppercase: true)
      text += character?.1 ?? (first < 16 ? "\\x0" : "\\x") + digits
      rest = rest.dropFirst(character?.0 ?? 1)
    }
    return text
  }
}

/// The visible names in a folder, last first; nil when it cannot be read, which `errno` explains.
func visibleNames(in folder: FileName) -> [[UInt8]]? {
  guard let stream = opendir(folder.cString) else { return nil }
  defer { closedir(stream) }
  var names: [[UInt8]] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
    if name.first != UInt8(ascii: ".") { names.append(name) }
  }
  return names.sorted { $1.lexicographicallyPrecedes($0) }
}
