import Foundation
import KerasTestSupport
import Testing

/// What a run of the command left behind.
struct Outcome: Equatable, Sendable {
  var output = ""
  var errors = ""
  /// The exit code; minus the signal's number when one ended it.
  var code: Int32 = 0
}

/// A folder of its own to run the command in, with a Keras folder that is empty; gone with the test.
final class Workplace: Sendable {
  let folder: URL
  var home: URL { folder.appending(path: "home") }
  var models: URL { home.appending(path: "models") }

  /// Beside the test bundle, where SwiftPM puts every product.
  static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "keras")

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "keras-command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes a file, and the folders above it.
  @discardableResult
  func put(_ bytes: some Sequence<UInt8>, at path: String) throws -> URL {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url
  }

  /// Runs `keras` to its end.
  ///
  /// - Parameter environment: beside `KERAS_HOME` and a terminal of 80 columns; nothing is inherited.
  func keras(
    _ arguments: String..., input: Data? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    try start(arguments, input: input, environment: environment).outcome()
  }

  /// Runs a line of shell, in which `keras` is the command.
  func shell(_ line: String) throws -> Outcome {
    try start(["-c", line], of: URL(filePath: "/bin/sh")).outcome()
  }

  func start(
    _ arguments: [String], of executable: URL = Workplace.executable, input: Data? = nil,
    environment: [String: String] = [:]
  ) throws -> RunningCommand {
    let defaults = [
      "PATH": Self.executable.deletingLastPathComponent().path + ":/usr/bin:/bin",
      "HOME": folder.path, "KERAS_HOME": home.path, "COLUMNS": "80", "no_proxy": "127.0.0.1",
    ]
    return try RunningCommand(
      executable, arguments, in: self, input: input ?? Data(),
      environment: defaults.merging(environment) { $1 })
  }
}

/// The command while it runs.
final class RunningCommand {
  struct TooSlow: Error { let arguments: [String] }

  /// Kept until the command has ended.
  private let workplace: Workplace
  private let process = Process()
  private let ended = DispatchSemaphore(value: 0)
  private let files: (output: URL, errors: URL)

  init(
    _ executable: URL, _ arguments: [String], in workplace: Workplace, input: Data,
    environment: [String: String]
  ) throws {
    self.workplace = workplace
    // Files instead of pipes: nobody has to empty them meanwhile.
    let name = ".run-\(UUID().uuidString)"
    func makeFile(_ suffix: String, _ contents: Data = Data()) throws -> URL {
      let url = workplace.folder.appending(path: name + suffix)
      try contents.write(to: url)
      return url
    }
    files = (try makeFile(".out"), try makeFile(".err"))
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = workplace.folder
    process.environment = environment
    process.standardInput = try FileHandle(forReadingFrom: makeFile(".in", input))
    process.standardOutput = try FileHandle(forWritingTo: files.output)
    process.standardError = try FileHandle(forWritingTo: files.errors)
    process.terminationHandler = { [ended] _ in ended.signal() }
    try process.run()
  }

  /// What it has said on standard error until now.
  var errors: String { (try? String(contentsOf: files.errors, encoding: .utf8)) ?? "" }

  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  /// Waits for the end, but not for ever.
  func outcome() throws -> Outcome {
    guard ended.wait(timeout: .now() + 300) == .success else {
      kill()
      throw TooSlow(arguments: process.arguments ?? [])
    }
    func text(_ url: URL) throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }
    let status = process.terminationStatus
    return Outcome(
      output: try text(files.output), errors: try text(files.errors),
      code: process.terminationReason == .exit ? status : -status)
  }
}

/// Waits until something has happened, but not for ever.
func waitUntil(_ condition: () -> Bool) throws {
  struct NeverCame: Error {}
  for _ in 0..<6000 {
    if condition() { return }
    usleep(5000)
  }
  throw NeverCame()
}
