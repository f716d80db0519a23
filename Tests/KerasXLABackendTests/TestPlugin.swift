import Foundation
import KerasGraph

@testable import KerasXLABackend

/// The plugin that tests run on, and folders that go when a test ends.
enum TestPlugin {
  /// The one for CPUs that `KERAS_XLA_PLUGIN` names or is found; nil where there is none.
  static let file: PluginFile? = XLADevices.plugins.first { $0.kind == .cpu }

  static let client: Client? = {
    // Four devices of which each is the CPU; read once, when the plugin begins.
    setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=4", 0)
    return file.flatMap { try? Client(PluginLibrary(path: $0.path)) }
  }()

  /// - Parameter count: so many of its devices, which share the samples.
  static func device(_ count: Int = 1, cache: ExecutableCache = ExecutableCache(folder: nil)) throws -> XLADevice {
    let client = try client.orThrow(KerasError(.unsupported, "There is no plugin for CPUs."))
    return XLADevice(client, Array(client.devices.prefix(count)), cache: cache)
  }

  static func backend(cache: ExecutableCache = ExecutableCache(folder: nil)) throws -> XLABackend {
    XLABackend(try device(cache: cache), name: "xla:cpu")
  }
}

extension Optional {
  func orThrow(_ error: KerasError) throws -> Wrapped {
    guard let self else { throw error }
    return self
  }
}

/// A folder of one test.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "keras-xla-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws -> String {
    let file = path + "/" + name
    let folder = (file as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: file))
    return file
  }

  /// Compiles C into a library, by the system's compiler or else Swift's own.
  func library(_ source: String, named name: String) throws -> String {
    let input = try write(source, to: "\(name).c")
    let output = path + "/\(name).so"
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/bin/sh")
    let line = "exec $(command -v cc || command -v clang) -shared -fPIC -o \"$0\" \"$1\""
    compiler.arguments = ["-c", line, output, input]
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else { throw KerasError(.custom, "no library could be compiled") }
    return output
  }

  var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// What `body` throws.
func thrown(_ body: () throws -> Void) -> KerasError? {
  do {
    try body()
    return nil
  } catch {
    return error as? KerasError
  }
}
