import Glibc
import KerasCore
import KerasFiles

/// What is wrong inside an HDF5 file, found by the reader that will read it; nil when nothing is.
///
/// Every object, attribute and array is read. That the numbers are the right ones only a hash can tell, but
/// garbage in their place shows: among a few hundred random floats one is no number.
func damage(insideHDF5 descriptor: Int32, named path: String) -> String? {
  do throws(KerasError) {
    // By the descriptor, where the system shows it: another file may have the name by now.
    let shown = "/proc/self/fd/\(descriptor)"
    let file = try HDF5File(path: access(shown, R_OK) == 0 ? shown : path, prefetching: true)
    let arrays = try file.root.datasetsReadingAttributes()
    guard arrays.contains(where: { $0.byteCount > 0 }) else { return "there are no arrays in it" }
    for array in arrays where array.dataType != nil {
      guard try array.tensor().isFinite else {
        return "\(array.path.joined(separator: "/").escaped) holds values that are no numbers"
      }
    }
    return nil
  } catch {
    let place = error.path.dropFirst().joined(separator: " › ")
    let what = error.what.hasSuffix(".") ? String(error.what.dropLast()) : error.what
    return place.isEmpty ? what : "\(what), in \(place)"
  }
}

extension HDF5Group {
  /// All arrays, after every attribute in the file was read.
  fileprivate func datasetsReadingAttributes() throws(KerasError) -> [HDF5Dataset] {
    var seen: Set<UInt64> = [location.address]
    var found: [HDF5Dataset] = []
    try visit(&seen, &found)
    return found
  }

  private func visit(_ seen: inout Set<UInt64>, _ found: inout [HDF5Dataset]) throws(KerasError) {
    _ = try attributes()
    for name in names where isHardLink(name) {
      switch try child(name) {
      case .dataset(let dataset):
        guard seen.insert(dataset.location.address).inserted else { continue }
        _ = try dataset.attributes()
        found.append(dataset)
      case .group(let group):
        if seen.insert(group.location.address).inserted { try group.visit(&seen, &found) }
      case nil: break
      }
    }
  }
}
