import KerasCore

extension HDF5Group {
  /// All arrays below this group, in stored order, each object once however many names it has.
  ///
  /// Names that point elsewhere are left out.
  package func datasets() throws(KerasError) -> [HDF5Dataset] {
    var seen: Set<UInt64> = [location.address]
    var found: [HDF5Dataset] = []
    try collectDatasets(&seen, &found)
    return found
  }

  private func collectDatasets(
    _ seen: inout Set<UInt64>, _ found: inout [HDF5Dataset]
  ) throws(KerasError) {
    for name in names where isHardLink(name) {
      switch try child(name) {
      case .dataset(let dataset):
        if seen.insert(dataset.location.address).inserted { found.append(dataset) }
      case .group(let group):
        if seen.insert(group.location.address).inserted { try group.collectDatasets(&seen, &found) }
      case nil: break
      }
    }
  }
}
