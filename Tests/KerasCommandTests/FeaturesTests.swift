import Foundation
import Keras
import KerasFiles
import KerasTestSupport
import Testing

/// `keras features`: files that others read, whole after kills, and joined from shards.
@Suite struct FeaturesTests {
  let workplace: Workplace
  /// Ten pictures of three kinds, and one that is none.
  private let count = 10

  init() throws {
    workplace = try Workplace()
    for number in 0..<count {
      try workplace.put(Fixtures.picture(["disc.png", "stripes.png", "slope.jpg"][number % 3]), at: "many/\(number).png")
    }
  }

  private func features(_ arguments: String...) throws -> RunningCommand { try features(arguments: arguments) }

  private func features(arguments: [String]) throws -> RunningCommand {
    try workplace.start(
      ["features"] + arguments + [
        "--weights", Fixtures.weights.path, "--alpha", "0.0625", "--image-size", "32", "--batch-size", "3",
      ])
  }

  private func path(_ name: String) -> String { workplace.folder.appending(path: name).path }

  private func network() throws -> ImageModel {
    try MobileNet(
      inputShape: [32, 32, 3], alpha: 0.0625, weights: .file(Fixtures.weights.path), classes: 4)
  }

  private func pictures() throws -> [Image] {
    try (0..<count).map { try Image(contentsOf: path("many/\($0).png")) }
  }

  /// What the library computes for the same pictures.
  private func expected() throws -> Tensor { try network().features(pictures(), pooling: .average) }

  @Test func rowsAreTheLibrarys() throws {
    #expect(try features("many", "-o", "a.npy").outcome() == Outcome())
    let found = try NumPy.load(path("a.npy"))
    try expectClose(found, expected(), relative: 1e-4, absolute: 1e-5, what: "features")
    #expect(try features("many", "-o", "a.npz").outcome().code == 0)
    let archive = try NumPyArchive(path("a.npz"))
    #expect(archive.names == ["features", "files", "job"])
    #expect(try archive.tensor("features").scalars(as: Float.self) == found.scalars(as: Float.self))
    #expect(try archive.texts("files") == (0..<count).map { "many/\($0).png" })
    let job = try JSON(parsing: archive.texts("job")[0])
    #expect(job["model"] == "mobilenet" && job["preprocessing"] == "tf" && job["pooling"] == "avg")
    #expect(try features("many", "-o", "a.h5").outcome().code == 0)
    #expect(try features("many", "-o", "a.jsonl").outcome().code == 0)
    let lines = try String(contentsOfFile: path("a.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == count && lines[3].hasPrefix("{\"file\":\"many/3.png\",\"features\":["))
    #expect(try features("many", "-o", "a.csv").outcome().code == 0)
    let table = try String(contentsOfFile: path("a.csv"), encoding: .utf8).split(separator: "\n")
    #expect(table.count == count + 1 && table[0].hasPrefix("file,f0,f1,") && table[10].hasPrefix("many/9.png,"))
    // Nothing is left of what was computed on the way.
    #expect(try FileManager.default.contentsOfDirectory(atPath: workplace.folder.path).allSatisfy { !$0.hasSuffix(".part") })
  }

  /// Arrays of one size keep their names, whatever the order of these.
  @Test func severalLayers() throws {
    let layers = ["conv_pw_1_relu", "conv_dw_2_relu", "conv_pw_3_relu"]
    let options = layers.flatMap { ["--layer", $0] }
    for name in ["b.h5", "b.npz", "b.safetensors"] {
      #expect(try features(arguments: ["many", "-o", name] + options).outcome() == Outcome())
    }
    let (h5, npz) = (try HDF5File(path: path("b.h5")), try NumPyArchive(path("b.npz")))
    let safetensors = try SafetensorsFile(path: path("b.safetensors"))
    let model = try network()
    let images = try pictures()
    for layer in layers {
      let want = try model.features(images, at: layer, pooling: .average)
      try expectClose(npz.tensor(layer), want, relative: 1e-4, absolute: 1e-5, what: layer)
      let numbers = try npz.tensor(layer).scalars(as: Float.self)
      #expect(try h5.root.dataset(at: layer).tensor().scalars(as: Float.self) == numbers)
      #expect(safetensors[layer]?.scalars(as: Float.self) == numbers)
    }
    #expect(try npz.texts("files") == (0..<count).map { "many/\($0).png" })
    #expect(try features(arguments: ["many", "-o", "b.npy"] + options).outcome().code == 1)
  }

  /// Killed at any moment and gone on with, the file is the same byte for byte.
  @Test(arguments: [60_000, 90_000, 120_000, 160_000, 220_000])
  func goesOnAfterBeingKilled(microseconds: UInt32) throws {
    for number in count..<200 { try workplace.put(Fixtures.picture("disc.png"), at: "many/\(number).png") }
    #expect(try features("many", "-o", "whole.npz").outcome() == Outcome())
    let running = try features("many", "-o", "cut.npz")
    usleep(microseconds)
    running.kill()
    _ = try running.outcome()
    let wasCut = FileManager.default.fileExists(atPath: path("cut.npz.part"))
    if wasCut { #expect(try features("many", "-o", "cut.npz").outcome().code == 1) }
    #expect(try features("many", "-o", "cut.npz", "--resume").outcome().code == 0)
    #expect(FileManager.default.contentsEqual(atPath: path("whole.npz"), andPath: path("cut.npz")))
  }

  /// No room for the rows, and room for them but not for the file beside them: a limit on the size of files stands for
  /// the size of a disk.
  @Test(arguments: [(blocks: 32, place: "cut.npz.part", done: 63), (110, "cut.npz.part/result", 200)])
  func aFullDiskKeepsWhatIsWhole(_ blocks: Int, _ place: String, _ done: Int) throws {
    for number in count..<200 { try workplace.put(Fixtures.picture("disc.png"), at: "many/\(number).png") }
    #expect(try features("many", "-o", "whole.npz").outcome() == Outcome())
    let full = try workplace.shell(
      "trap '' XFSZ; ulimit -f \(blocks); exec keras features many -o cut.npz --weights '\(Fixtures.weights.path)' "
        + "--alpha 0.0625 --image-size 32 --batch-size 3")
    #expect(
      full
        == Outcome(
          errors: """
            error: Cannot write \(place): File too large.
              try: \(done) pictures done are kept in cut.npz.part; make room, and go on with the same command and \
            --resume.

            """, code: 1))
    #expect(!FileManager.default.fileExists(atPath: path("cut.npz")))
    #expect(try features("many", "-o", "cut.npz", "--resume").outcome() == Outcome())
    #expect(FileManager.default.contentsEqual(atPath: path("whole.npz"), andPath: path("cut.npz")))
  }

  @Test func shardsMakeTheWhole() throws {
    #expect(try features("many", "-o", "whole.npy").outcome() == Outcome())
    for shard in 1...3 {
      #expect(try features("many", "--shard", "\(shard)/3", "-o", "part-\(shard).npz").outcome().code == 0)
    }
    #expect(
      try workplace.keras("features", "merge", "part-2.npz", "part-1.npz", "part-3.npz", "-o", "joined.npy").code == 0)
    let (joined, whole) = (try NumPy.load(path("joined.npy")), try NumPy.load(path("whole.npy")))
    #expect(joined.shape == whole.shape)
    try expectClose(joined, whole, relative: 1e-5, absolute: 1e-6, what: "joined")
    #expect(try workplace.keras("features", "merge", "part-1.npz", "part-3.npz", "-o", "joined.npy").code == 1)
    // What does not say of how many it is one, is no part.
    for name in ["part.npy", "part.csv", "part.jsonl"] {
      #expect(
        try features("many", "--shard", "1/3", "-o", name).outcome().errors.hasPrefix(
          "error: \(name): a .\(name.dropFirst(5)) file does not say which shard of how many it is.\n"))
    }
    #expect(try workplace.keras("features", "merge", "part-1.npz", "whole.npy", "-o", "joined.npy").code == 1)
  }

  @Test func whatCannotBeReadIsLeftOut() throws {
    try workplace.put("no picture".utf8, at: "many/5.png")
    let outcome = try features("many", "-o", "a.npy").outcome()
    #expect(outcome.code == 2 && outcome.errors.contains("many/5.png"))
    #expect(try NumPy.load(path("a.npy")).shape[0] == count - 1)
  }
}
