-- Auto-routing from Orthanc to necknode: every CT series that has become stable is sent to the modality "necknode"
-- (add it to DicomModalities) over one association, by a job that Orthanc tries again. What comes back (SR, PR, OT) is
-- not CT, so nothing goes round in circles.
function OnStableSeries(seriesId, tags, metadata)
  if tags['Modality'] == 'CT' then
    RestApiPost('/modalities/necknode/store',
                DumpJson({ Resources = { seriesId }, Synchronous = false }))
  end
end
