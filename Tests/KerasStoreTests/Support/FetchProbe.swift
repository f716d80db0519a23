import Foundation

/// The helper process of the tests, which can be killed.
struct FetchProbe {
  private let process = Process()
  private let output = Pipe()

  /// Beside the test bundle, where SwiftPM puts every product.
  static var path: String {
    let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appendingPathComponent("KerasFetchProbe").path
  }

  init(_ arguments: String...) throws {
    process.executableURL = URL(fileURLWithPath: Self.path)
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
  }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// What it printed, once it has ended.
  func result() -> String {
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}
