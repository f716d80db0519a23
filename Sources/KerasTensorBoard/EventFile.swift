import Foundation
import Glibc
import KerasCore
import SwiftProtobuf
import Synchronization

/// A file of events as TensorBoard reads them: a record each, which is a length, its checksum, the bytes and their
/// checksum. Records are only ever added, so that a file can be watched while it is written.
final class EventFile {
  let path: String
  private let descriptor: Int32

  private static let count = Atomic<Int>(0)

  /// - Parameter folder: made where it is missing.
  /// - Throws: `fileAccess`.
  init(in folder: String) throws(KerasError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw cannotWrite(folder, errno)
    }
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let number = Self.count.add(1, ordering: .relaxed).oldValue
    // As TensorFlow calls them: TensorBoard looks for `tfevents` and sorts by time.
    path = joined(
      folder, "events.out.tfevents.\(time(nil)).\(name.replacing("/", with: "_")).\(getpid()).\(number).v2")
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw cannotWrite(path, errno) }
    try add { $0.fileVersion = "brain.Event:2" }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Adds an event of now.
  ///
  /// - Throws: `fileAccess`, as on a full disk; `libraryFailure` for more than protobuf's 2 GB.
  func add(step: Int = 0, _ fill: (inout Tensorboard_Event) -> Void) throws(KerasError) {
    var event = Tensorboard_Event()
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    event.wallTime = Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    event.step = Int64(step)
    fill(&event)
    let bytes: [UInt8]
    do {
      bytes = try event.serializedBytes()
    } catch {
      throw KerasError(.libraryFailure, "The event cannot be written: \(error).", path: [path])
    }
    let record = Self.record(bytes)
    guard record.withUnsafeBytes({ writeAll($0, to: descriptor) }) else { throw cannotWrite(path, errno) }
  }

  static func record(_ bytes: [UInt8]) -> [UInt8] {
    func little(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian, Array.init)
    }
    let length = little(UInt64(bytes.count))
    return length + little(CRC32C.masked(length)) + bytes + little(CRC32C.masked(bytes))
  }
}
