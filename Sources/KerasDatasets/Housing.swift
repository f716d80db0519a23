import KerasCore
import KerasStore
import KerasWeights

/// 506 districts of Boston in the 1970s, 13 numbers each, and what houses cost there, as
/// `keras.datasets.boston_housing`.
///
/// The data holds a variable that takes segregation to influence prices: it is kept for illustration, and
/// ``CaliforniaHousing`` takes its place.
public enum BostonHousing {
  /// - Parameter testShare: of the districts, from 0 up to 1.
  /// - Returns: x `[districts, 13]` and y `[districts]`, in thousands of dollars; float64.
  /// - Throws: as ``MNIST/load(fileName:from:)``.
  public static func load(
    fileName: String = DatasetFiles.bostonHousing.name, testShare: Double = 0.2, seed: UInt32 = 113,
    from store: WeightStore = WeightStore()
  ) throws(KerasError) -> Dataset {
    try read(store.path(for: DatasetFiles.bostonHousing, name: fileName), testShare: testShare, seed: seed)
  }

  static func read(_ path: String, testShare: Double = 0.2, seed: UInt32 = 113) throws(KerasError) -> Dataset
  {
    let arrays = try PublishedArrays(path)
    return try Dataset.split(arrays["x"], arrays["y"], testShare: testShare, seed: seed)
  }
}

/// 20,640 districts of California in 1990, 8 numbers each, and what houses cost there, as
/// `keras.datasets.california_housing`.
public enum CaliforniaHousing {
  /// Raw values are Keras'.
  public enum Version: String, Hashable, Sendable, CaseIterable {
    /// The first 600 districts.
    case small
    case large
  }

  /// Median income, age of houses, rooms and bedrooms a household, people, people a household, latitude,
  /// longitude.
  public static let featureNames = [
    "MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude",
  ]

  /// - Parameter testShare: of the districts, from 0 up to 1.
  /// - Returns: x `[districts, 8]` and y `[districts]`, in dollars.
  /// - Throws: as ``MNIST/load(fileName:from:)``.
  public static func load(
    version: Version = .large, fileName: String = DatasetFiles.californiaHousing.name,
    testShare: Double = 0.2,
    seed: UInt32 = 113, from store: WeightStore = WeightStore()
  ) throws(KerasError) -> Dataset {
    let arrays = try PublishedArrays(store.path(for: DatasetFiles.californiaHousing, name: fileName))
    var (x, y) = (try arrays["x"], try arrays["y"])
    if version == .small, let count = x.shape.first, count > 600, y.shape.first == count {
      (x, y) = (try x.rows(0..<600), try y.rows(0..<600))
    }
    return try Dataset.split(x, y, testShare: testShare, seed: seed)
  }
}
