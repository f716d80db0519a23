import Foundation
import KerasGraph
import Testing

@testable import KerasXLABackend

/// Programs compiled with other libraries are others.
struct GPULibrariesTests {
  @Test func librariesAndDriverTell() throws {
    let folder = try TestFolder()
    let plugin = folder.path + "/site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so"
    let driver = try folder.write("NVRM version: 580.1", to: "version")
    let libraries = GPULibraries(driverFiles: [driver])
    func identity() -> String { libraries.identity(besides: plugin) }
    let none = identity()
    #expect(none == "NVRM version: 580.1")
    _ = try folder.write("cudnn", to: "site-packages/nvidia/cudnn/lib/libcudnn.so.9")
    _ = try folder.write("text", to: "site-packages/nvidia/cudnn/lib/README")
    let first = identity()
    #expect(first.hasPrefix("cudnn/libcudnn.so.9 5 "))
    #expect(first.split(separator: "\n").count == 2)
    #expect(identity() == first)
    _ = try folder.write("newer cudnn", to: "site-packages/nvidia/cudnn/lib/libcudnn.so.9")
    #expect(identity() != first)
    let second = identity()
    _ = try folder.write("NVRM version: 590.1", to: "version")
    #expect(identity() != second)
  }
}

/// Compiled programs on disk: found again, damaged, written by others, too many.
@Suite(.enabled(if: TestPlugin.file != nil, "needs a plugin for CPUs"))
struct ExecutableCacheTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  /// Prepares `x + number` for `count` numbers, computes it, and gives where the program came from.
  private func prepare(
    in folder: String, count: Int = 4, adding number: Float = 1, byteLimit: Int = 1 << 30
  ) throws -> String {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([count], .float32))
    let y = try builder.unary(.linear(scale: 1, offset: number), x)
    let cache = ExecutableCache(folder: folder, byteLimit: byteLimit)
    let program = try TestPlugin.backend(cache: cache).prepare(
      builder.finish(returning: [y]), options: ProgramOptions())
    let input = [Float](repeating: 2, count: count)
    let got = try program.run([Tensor(input, shape: [count])])
    #expect(got[0].scalars(as: Float.self) == input.map { $0 + number })
    let line = program.plan[0]
    return line.contains("compiled before, from") ? "disk" : line.contains("compiled in") ? "compiled" : line
  }

  private var stored: [String] { folder.files.filter { $0.hasSuffix(".xla") } }

  @Test func theNextProcessFindsIt() throws {
    #expect(try prepare(in: folder.path) == "compiled")
    #expect(stored.count == 1)
    #expect(try prepare(in: folder.path) == "disk")
    // Another shape, another computation: others.
    #expect(try prepare(in: folder.path, count: 5) == "compiled")
    #expect(try prepare(in: folder.path, adding: 3) == "compiled")
    #expect(stored.count == 3)
  }

  @Test(arguments: ["truncated", "empty", "one byte changed", "another file"])
  func aDamagedOneIsCompiledAnew(_ damage: String) throws {
    #expect(try prepare(in: folder.path) == "compiled")
    let path = folder.path + "/" + stored[0]
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    switch damage {
    case "truncated": bytes.removeLast(bytes.count / 2)
    case "empty": bytes = []
    case "one byte changed": bytes[bytes.count - 7] ^= 1
    default: bytes = Array("GIF89a".utf8)
    }
    try Data(bytes).write(to: URL(filePath: path))
    chmod(path, 0o600)
    nonisolated(unsafe) var warnings: [String] = []
    let origin = try Warnings.withHandler({ warnings.append($0) }) { try prepare(in: folder.path) }
    #expect(origin == "compiled")
    #expect(warnings == ["\(path) is damaged; it is removed, and compiled anew."])
    #expect(try prepare(in: folder.path) == "disk")
  }

  @Test func whatOthersMayWriteIsNotRun() throws {
    #expect(try prepare(in: folder.path) == "compiled")
    let path = folder.path + "/" + stored[0]
    chmod(path, 0o666)
    nonisolated(unsafe) var warnings: [String] = []
    let origin = try Warnings.withHandler({ warnings.append($0) }) { try prepare(in: folder.path) }
    #expect(origin == "compiled")
    #expect(
      warnings == ["\(path) is not used: others than this user can write to it. It is compiled anew."])
  }

  @Test func theOldestGoWhereThereAreTooMany() throws {
    #expect(try prepare(in: folder.path, count: 1) == "compiled")
    let size = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + stored[0])[.size] as? Int
    let limit = try #require(size) * 5 / 2
    for count in 2...5 {
      let times = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -Double(100 - count))]
      for name in stored {
        try FileManager.default.setAttributes(times, ofItemAtPath: folder.path + "/" + name)
      }
      #expect(try prepare(in: folder.path, count: count, byteLimit: limit) == "compiled")
    }
    #expect(stored.count == 2)
    #expect(try prepare(in: folder.path, count: 5, byteLimit: limit) == "disk")
  }

  @Test func aFolderThatCannotBeMadeCostsOnlyTime() throws {
    let file = try folder.write("", to: "file")
    #expect(try prepare(in: file + "/xla") == "compiled")
    #expect(try prepare(in: file + "/xla") == "compiled")
  }
}
