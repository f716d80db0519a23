import Foundation
import Glibc
import KerasApplications
import KerasModels
import KerasTraining
import KerasWeights
import Testing

@testable import KerasFineTuning

/// Features on the disk: the same numbers, whatever is done to the file.
@Suite final class FeatureCacheTests {
  private let folder = NSTemporaryDirectory() + "keras-features-\(UUID().uuidString)"
  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { folder + "/" + $0 }
  }

  /// The head's weights after training, and how many batches the base computed.
  private func trained(_ cache: FeatureCache?, filters: Int = 6) throws -> [Float] {
    let tuning = try FineTuning(
      FineTuningTests.base(filters: filters), labels: FineTuningTests.names, seed: 2, cache: cache)
    try tuning.trainHead(
      on: FineTuningTests.pictures(24), validation: FineTuningTests.pictures(10), epochs: 3, learningRate: 0.1
    )
    return try FineTuningTests.numbers(tuning.model, "head")
  }

  @Test func numbersAreTheSame() throws {
    let plain = try trained(nil)
    let cache = FeatureCache(folder: folder + "/deep/er")
    #expect(try trained(cache) == plain)
    let path = try #require(try FileManager.default.contentsOfDirectory(atPath: cache.folder).first)
    let bytes = try Data(contentsOf: URL(filePath: cache.folder + "/" + path))
    // Pictures that are alike are kept once; the second run adds nothing.
    #expect((bytes.count - 48) % (32 + 6 * 4 + 8) == 0 && bytes.count > 48 + 20 * 64)
    #expect(try trained(cache) == plain)
    #expect(try Data(contentsOf: URL(filePath: cache.folder + "/" + path)) == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder) == [path])
    #expect(try trained(cache, filters: 5) == trained(nil, filters: 5))
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder).count == 2)
  }

  /// What a file may have become, as a change of its bytes.
  static let damages: [(String, @Sendable (inout [UInt8]) -> Void)] = [
    ("empty", { $0 = [] }),
    ("text", { $0 = Array("no features".utf8) }),
    ("cut in its head", { $0 = Array($0.prefix(20)) }),
    ("cut in a record", { $0 = Array($0.dropLast(13)) }),
    ("other magic", { $0[0] ^= 1 }),
    ("other model", { $0[12] ^= 1 }),
    ("other width", { $0[40] = 200 }),
    ("number changed", { $0[48 + 40] ^= 0x40 }),
    (
      "every number changed",
      { for place in stride(from: 48 + 33, to: $0.count, by: 64) { $0[place] ^= 0xFF } }
    ),
    ("zeros", { $0 = [UInt8](repeating: 0, count: $0.count) }),
    ("much behind", { $0 += [UInt8](repeating: 7, count: 1000) }),
  ]

  @Test(arguments: damages.indices) func damagedFilesAreComputedAgain(_ index: Int) throws {
    let cache = FeatureCache(folder: folder)
    let plain = try trained(cache)
    let path = try #require(files.first)
    var bytes = Array(try Data(contentsOf: URL(filePath: path)))
    Self.damages[index].1(&bytes)
    try Data(bytes).write(to: URL(filePath: path))
    #expect(try trained(cache) == plain, "\(Self.damages[index].0)")
    #expect(files == [path])
    #expect(try trained(cache) == plain, "\(Self.damages[index].0), again")
  }

  @Test func whatIsNoFileOfOursIsLeftAlone() throws {
    let cache = FeatureCache(folder: folder)
    let plain = try trained(cache)
    let path = try #require(files.first)
    // A pipe, which would be waited for, and a link to somebody's file.
    unlink(path)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(try trained(cache) == plain)
    unlink(path)
    let other = folder + "/other"
    try Data("dear diary".utf8).write(to: URL(filePath: other))
    symlink(other, path)
    #expect(try trained(cache) == plain)
    #expect(try Data(contentsOf: URL(filePath: other)) == Data("dear diary".utf8))
    // A folder that cannot be made.
    #expect(try trained(FeatureCache(folder: other + "/below")) == plain)
  }

  @Test func anotherRunHasIt() throws {
    let cache = FeatureCache(folder: folder)
    let plain = try trained(cache)
    let file = open(try #require(files.first), O_RDWR)
    defer { close(file) }
    #expect(flock(file, LOCK_EX | LOCK_NB) == 0)
    #expect(try trained(cache) == plain)
  }

  @Test func thereIsALimit() throws {
    let plain = try trained(nil)
    let cache = FeatureCache(folder: folder, limit: 48 + 10 * 64)
    #expect(try trained(cache) == plain)
    #expect(try Data(contentsOf: URL(filePath: #require(files.first))).count == cache.limit)
    let old = try #require(files.first)
    var times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
    utimensat(AT_FDCWD, old, &times, 0)
    // Another model needs the room.
    _ = try trained(cache, filters: 5)
    _ = try trained(cache, filters: 5)
    #expect(files.count == 1 && files != [old])
  }

  /// All files together stay below the limit while one of them grows, and what another run has stays.
  @Test func oneLimitForAll() throws {
    let cache = FeatureCache(folder: folder, limit: 48 + 30 * 64)
    _ = try trained(cache)
    let old = try #require(files.first)
    #expect(try Data(contentsOf: URL(filePath: old)).count > cache.limit / 2)
    let file = open(old, O_RDWR)
    #expect(flock(file, LOCK_EX | LOCK_NB) == 0)
    _ = try trained(cache, filters: 5)
    #expect(files.contains(old))
    func total() throws -> Int { try files.reduce(0) { try $0 + Data(contentsOf: URL(filePath: $1)).count } }
    #expect(try total() <= cache.limit)
    close(file)
    _ = try trained(cache, filters: 5)
    #expect(files.count == 1 && files != [old])
    #expect(try total() <= cache.limit)
  }

  @Test func shapesCount() throws {
    let (wide, high) = (Tensor(zeros: [1, 2, 8, 3]), Tensor(zeros: [1, 8, 2, 3]))
    #expect(try FileHash(sha256Of: wide) == FileHash(sha256Of: high))
    #expect(try FileHash(sha256Of: wide, withSpec: true) != FileHash(sha256Of: high, withSpec: true))
  }
}
