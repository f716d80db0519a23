import Glibc
import KerasModels
import KerasStore
import KerasWeights

/// Files with the same bytes, which needs no model to be seen.
public enum IdenticalFiles {
  /// Groups of files of the same contents; only those of equal sizes are read.
  ///
  /// ```swift
  /// for copies in try IdenticalFiles.groups(among: ["a.jpg", "b.jpg", "c.jpg"]) { print(copies) }
  /// ```
  /// - Returns: groups of two or more, in the order of their first files. Several names of one file (links) count once.
  /// - Throws: `fileNotFound`, `fileAccess` for a file that cannot be read.
  public static func groups(among paths: [String]) throws(KerasError) -> [[String]] {
    let found = Found(paths.map { Array($0.utf8CString) }, named: { paths[$0] })
    if let failure = found.failures.first { throw failure.error }
    return found.groups.map { group in group.map { paths[$0] } }
  }

  /// What was found among paths as the system has them, by their places.
  package struct Found {
    package private(set) var groups: [[Int]] = []
    /// Other names of files that were named before: links, or the same path again. They are in no group.
    package private(set) var repeated: Set<Int> = []
    package private(set) var failures: [(place: Int, error: KerasError)] = []

    package init(_ paths: [[CChar]], named name: (Int) -> String) {
      var bySize: [Int: [Int]] = [:]
      var seen: Set<Identity> = []
      for (place, path) in paths.enumerated() {
        var status = stat()
        guard stat(path, &status) == 0 else {
          failures.append((place, cannotRead(name(place), errno)))
          continue
        }
        guard seen.insert(Identity(device: status.st_dev, inode: status.st_ino)).inserted else {
          repeated.insert(place)
          continue
        }
        // A folder or a pipe is no file that could be the same as another.
        if status.st_mode & S_IFMT == S_IFREG { bySize[Int(status.st_size), default: []].append(place) }
      }
      for places in bySize.values where places.count > 1 {
        var byHash: [FileHash: [Int]] = [:]
        for place in places {
          do throws(KerasError) {
            byHash[try hash(paths[place], name(place)), default: []].append(place)
          } catch {
            failures.append((place, error))
          }
        }
        groups += byHash.values.filter { $0.count > 1 }
      }
      groups.sort { $0[0] < $1[0] }
      failures.sort { $0.place < $1.place }
    }
  }

  private struct Identity: Hashable {
    let device: dev_t
    let inode: ino_t
  }

  private static func hash(_ path: [CChar], _ name: String) throws(KerasError) -> FileHash {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw cannotRead(name, errno) }
    defer { close(file) }
    return try FileHash(.sha256, ofDescriptor: file, named: name)
  }
}
