import Glibc
import Keras

/// Lines of a file, one after the other, of which one at a time is held.
final class LineReader {
  private let path: String
  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var available = 0..<0
  /// How many bytes the whole lines read so far have, with their ends.
  private(set) var position = 0

  init(_ path: String) throws(KerasError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw cannotRead(path, errno) }
  }

  deinit { close(descriptor) }

  /// The next line without its end; nil behind the last. A last line without an end is torn, and is left out.
  func next() throws(KerasError) -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if available.isEmpty {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw cannotRead(path, errno) }
        if count == 0 { return nil }
        available = 0..<count
      }
      if let end = buffer[available].firstIndex(of: UInt8(ascii: "\n")) {
        line += buffer[available.lowerBound..<end]
        available = end + 1..<available.upperBound
        position += line.count + 1
        return line
      }
      line += buffer[available]
      available = 0..<0
      guard line.count < 1 << 30 else {
        throw KerasError(.invalidFile, "A line is longer than a gigabyte.", path: [path.escaped])
      }
    }
  }
}

/// Reads a part of an open file, all of it.
func readPart(
  _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer, of path: String
) throws(KerasError) {
  var done = 0
  while done < buffer.count {
    let count = pread(
      descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw cannotRead(path, errno) }
    guard count > 0 else {
      throw KerasError(.invalidFile, "The file is shorter than it should be.", path: [path.escaped])
    }
    done += count
  }
}
