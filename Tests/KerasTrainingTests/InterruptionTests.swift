import Foundation
import KerasFiles
import KerasTestSupport
import Testing

/// Trainings in processes of their own that are killed, or find no room on the disk.
@Suite struct InterruptionTests {
  private let folder = NSTemporaryDirectory() + "keras-\(UUID().uuidString)"

  /// Beside the test bundle, where SwiftPM puts every product.
  private static let probe = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("KerasTrainingProbe").path

  private func process(_ command: String) throws -> (Process, Pipe) {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command.replacing("PROBE", with: Self.probe)]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    return (process, output)
  }

  private func run(_ command: String) throws -> (output: String, code: Int32) {
    let (process, output) = try process(command)
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
  }

  private func weights(_ file: String) throws -> [String: [UInt32]] {
    try NumPy.loadArchive(folder + "/" + file).mapValues { $0.scalars(as: Float.self).map(\.bitPattern) }
  }

  /// Killed at random moments and begun again and again, a run ends with the very weights of one that was not.
  @Test(.timeLimit(.minutes(5))) func killedAtAnyMoment() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try run("exec PROBE resume whole whole.npz") == ("", 0))
    let whole = clock.now - start
    var random = SystemRandomNumberGenerator()
    var (kills, resumed) = (0, 0)
    while !FileManager.default.fileExists(atPath: folder + "/cut.npz") {
      if FileManager.default.fileExists(atPath: folder + "/cut/backup.npz") { resumed += 1 }
      let (process, _) = try process("exec PROBE resume cut cut.npz")
      // The tests run on a machine that is sometimes slower than it was for the whole run.
      let moment = whole * Double.random(in: 0.1...0.8, using: &random) * (1 + Double(kills) / 8)
      let end = clock.now + moment
      while process.isRunning, clock.now < end { usleep(500) }
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        kills += 1
      }
      process.waitUntilExit()
    }
    #expect(try weights("cut.npz") == weights("whole.npz"), "after \(kills) kills, \(resumed) of them resumed")
    // Nothing is left of drafts.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/cut") == [])
  }

  /// A limit on the size of files stands for the size of a disk: what was there stays, and nothing else is left.
  @Test(arguments: ["model.keras", "model.h5", "model.weights.h5"])
  func aFullDiskKeepsTheCheckpoint(_ file: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try run("exec PROBE save \(file)") == ("", 0))
    let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
    #expect(before.count > 12 * 1024)
    let (output, code) = try run("trap '' XFSZ; ulimit -f 8; exec PROBE save \(file)")
    #expect(code == 1)
    #expect(
      output == """
        Cannot write \(file): File too large.
          try: choose a folder that exists, may be written and has room.

        """)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [file])
  }

  @Test func aFullDiskKeepsTheBackup() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try run("exec PROBE back-up kept") == ("", 0))
    let path = URL(fileURLWithPath: folder + "/kept/backup.npz")
    let before = try Data(contentsOf: path)
    #expect(try run("cp kept/backup.npz copy.npz; exec PROBE resume kept end.npz").code == 0)
    #expect(try run("mkdir -p kept; mv copy.npz kept/backup.npz").code == 0)
    let (output, code) = try run("trap '' XFSZ; ulimit -f 8; exec PROBE resume kept end.npz")
    #expect(code == 1)
    #expect(
      output == """
        Cannot write kept/backup.npz: File too large.
          try: choose a folder that exists, may be written and has room.

        """)
    #expect(try Data(contentsOf: path) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/kept") == ["backup.npz"])
  }
}
